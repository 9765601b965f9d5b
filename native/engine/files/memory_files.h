// Files in this process's memory, and not on a disk.
#pragma once

#include <memory>

#include "rocksdb/file_system.h"

namespace rocksdb_live {

// A new empty file system of RocksDB's, which ends with its last holder.
std::shared_ptr<rocksdb::FileSystem> MemoryFiles();

}  // namespace rocksdb_live
