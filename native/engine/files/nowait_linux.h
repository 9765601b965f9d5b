// A file for random reads on Linux that can tell what would wait for a disk.
#pragma once

#include <memory>
#include <string>

#include "rocksdb/file_system.h"

namespace rocksdb_live {

// Null if the file cannot be opened.
std::unique_ptr<rocksdb::FSRandomAccessFile> OpenNowaitFile(const std::string& path);

}  // namespace rocksdb_live
