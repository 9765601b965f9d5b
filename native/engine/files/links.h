// Hard links if a file system has them, otherwise copies.
#pragma once

#include <memory>

#include "rocksdb/file_system.h"

namespace rocksdb_live {

// Wraps `target` so that every link that cannot be made fails with NotSupported, and RocksDB copies
// instead. By itself it copies only between two disks, and fails on file systems that refuse links
// as forbidden (FAT, many network and container file systems).
std::shared_ptr<rocksdb::FileSystem> LinksOrCopies(
    const std::shared_ptr<rocksdb::FileSystem>& target);

}  // namespace rocksdb_live
