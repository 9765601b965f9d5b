// The addon's entry: everything it exports is defined in binding/open.cc.
#include "binding/call.h"
#include "binding/environment.h"
#include "binding/open.h"

namespace {

napi_value Init(napi_env env, napi_value exports) {
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
