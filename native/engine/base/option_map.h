// RocksDB options as text, by RocksDB's own names.
#pragma once

#include <string>
#include <unordered_map>

namespace rocksdb_live {

using OptionMap = std::unordered_map<std::string, std::string>;

}  // namespace rocksdb_live
