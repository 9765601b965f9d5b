#include "engine/base/versions.h"

#include <lz4.h>
#include <zdict.h>
#include <zstd.h>

#ifdef ROCKSDB_LIVE_SNAPPY
#include <snappy.h>
#endif
#ifdef ROCKSDB_LIVE_ZLIB
#include <zlib.h>
#endif
#ifdef ROCKSDB_LIVE_BZIP2
#include <bzlib.h>
#endif

#include "rocksdb/version.h"

namespace rocksdb_live {

std::map<std::string, std::string> CompiledVersions() {
  std::map<std::string, std::string> versions = {{"rocksdb", rocksdb::GetRocksVersionAsString()},
                                                 {"lz4", LZ4_versionString()},
                                                 {"zstd", ZSTD_versionString()}};
#ifdef ROCKSDB_LIVE_SNAPPY
  versions["snappy"] = std::to_string(SNAPPY_MAJOR) + "." + std::to_string(SNAPPY_MINOR) + "." +
                       std::to_string(SNAPPY_PATCHLEVEL);
#endif
#ifdef ROCKSDB_LIVE_ZLIB
  versions["zlib"] = zlibVersion();
#endif
#ifdef ROCKSDB_LIVE_BZIP2
  // bzip2 says "1.0.8, 13-Jul-2019"
  const std::string bzip2 = BZ2_bzlibVersion();
  versions["bzip2"] = bzip2.substr(0, bzip2.find(','));
#endif
  return versions;
}

bool CanTrainDictionaries() {
  // A zstd with its dictBuilder returns a specific error for these arguments;
  // native/zdict_missing.c only the generic one.
  const size_t code = ZDICT_trainFromBuffer(nullptr, 0, nullptr, nullptr, 0);
  return std::string(ZDICT_getErrorName(code)) != "Error (generic)";
}

}  // namespace rocksdb_live
