// What was compiled in.
#pragma once

#include <map>
#include <string>

namespace rocksdb_live {

// By library: rocksdb, lz4, zstd and, if the sources have them, snappy, zlib and bzip2.
std::map<std::string, std::string> CompiledVersions();
// Whether this build's zstd can train dictionaries (ZDICT_*); otherwise it can only use them.
bool CanTrainDictionaries();

}  // namespace rocksdb_live
