// Files that can be read without waiting for a disk: an awaited read then takes what the system's
// page cache holds on the JavaScript thread, where a hop to a thread would cost ten times as much.
#pragma once

#include <memory>

#include "rocksdb/file_system.h"

namespace rocksdb_live {

// The file system of `target`, whose table and blob files keep to a timeout of kNoWaitTimeout
// (read_options.h): what would wait for a disk fails with TimedOut. Only Linux can tell what would
// wait; elsewhere, and with direct or memory-mapped reads, every such read fails.
std::shared_ptr<rocksdb::FileSystem> NowaitFiles(std::shared_ptr<rocksdb::FileSystem> target);

}  // namespace rocksdb_live
