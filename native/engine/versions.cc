#include "engine/versions.h"

#include <lz4.h>
#include <zdict.h>
#include <zstd.h>

#include "rocksdb/version.h"

namespace rocksdb_live {

std::map<std::string, std::string> CompiledVersions() {
  return {{"rocksdb", rocksdb::GetRocksVersionAsString()},
          {"lz4", LZ4_versionString()},
          {"zstd", ZSTD_versionString()}};
}

bool CanTrainDictionaries() {
  // A zstd with its dictBuilder says what is wrong with these arguments; native/zdict_missing.c
  // knows only the generic error.
  const size_t code = ZDICT_trainFromBuffer(nullptr, 0, nullptr, nullptr, 0);
  return std::string(ZDICT_getErrorName(code)) != "Error (generic)";
}

}  // namespace rocksdb_live
