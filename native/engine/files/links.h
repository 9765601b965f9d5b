// Hard links where a file system has them, and copies where it has none.
#pragma once

#include <memory>

#include "rocksdb/file_system.h"

namespace rocksdb_live {

// The file system of `target`, which says of a link that cannot be made that links are not
// supported. RocksDB copies then; of itself it does so between two disks alone, and fails where a
// file system (FAT, many network and container file systems) refuses links as forbidden.
std::shared_ptr<rocksdb::FileSystem> LinksOrCopies(std::shared_ptr<rocksdb::FileSystem> target);

}  // namespace rocksdb_live
