// Files that are in this process's memory, and on no disk.
#pragma once

#include <memory>

#include "rocksdb/file_system.h"

namespace rocksdb_live {

// An empty file system, which ends with its last holder. RocksDB's own.
std::shared_ptr<rocksdb::FileSystem> MemoryFiles();

}  // namespace rocksdb_live
