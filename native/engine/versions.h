// What was compiled in.
#pragma once

#include <map>
#include <string>

namespace rocksdb_live {

// By library: rocksdb, lz4, zstd.
std::map<std::string, std::string> CompiledVersions();
// Whether this build's zstd can train dictionaries (ZDICT_*), or only use them.
bool CanTrainDictionaries();

}  // namespace rocksdb_live
