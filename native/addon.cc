// The addon's entry point; its exports are defined in binding/methods/open.cc.
#include <string>

#include "binding/methods/open.h"
#include "binding/plumbing/call.h"
#include "binding/plumbing/environment.h"
#include "processor.h"

namespace {

// Refuses to load if RocksDB would end the process with an illegal instruction.
bool ProcessorIsFit(napi_env env) {
  const char* missing = rocksdb_live::MissingInstructions();
  if (missing == nullptr) return true;
  const std::string message =
      std::string(
          "rocksdb-live needs an x64 processor with SSE4.2 and POPCNT (x86-64-v2, made since "
          "2009); this one lacks ") +
      missing +
      ". In a virtual machine, give it a processor model that has them, such as host or Nehalem.";
  napi_throw_error(env, "ERR_NOT_SUPPORTED", message.c_str());
  return false;
}

napi_value Init(napi_env env, napi_value exports) {
  if (!ProcessorIsFit(env)) return exports;
  try {
    rocksdb_live::DefineAddon(env, exports);
  } catch (const rocksdb_live::BadArgument& bad) {
    rocksdb_live::ThrowBadArgument(env, bad.what);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return exports;
}

}  // namespace

NAPI_MODULE(rocksdb_live, Init)
