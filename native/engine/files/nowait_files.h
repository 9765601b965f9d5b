// Files that can be read without waiting for a disk: an awaited read then takes what the system's
// page cache holds on the JavaScript thread, where a hop to a thread would cost ten times as much.
#pragma once

#include <memory>

#include "engine/base/read_options.h"
#include "rocksdb/file_system.h"

namespace rocksdb_live {

// While one lives, its thread must not wait for what it reads of such files, whatever its options
// say. For calls of RocksDB that take no options.
class NowaitScope {
 public:
  NowaitScope() : outer_(current_) { current_ = this; }
  NowaitScope(const NowaitScope&) = delete;
  NowaitScope& operator=(const NowaitScope&) = delete;
  ~NowaitScope() { current_ = outer_; }

  // Whether something would have waited, and was refused.
  bool refused() const { return refused_; }

  // For the files: whether a read with these options must not wait.
  static bool Binds(const rocksdb::IOOptions& options) {
    return options.timeout == kNoWaitTimeout || current_ != nullptr;
  }
  // For the files: notes that they have refused a read.
  static void Refuse() {
    if (current_ != nullptr) current_->refused_ = true;
  }

 private:
  static thread_local NowaitScope* current_;
  NowaitScope* const outer_;
  bool refused_ = false;
};

// The file system of `target`, whose table and blob files keep to a timeout of kNoWaitTimeout
// (read_options.h): what would wait for a disk fails with TimedOut. Only Linux can tell what would
// wait; elsewhere, and with direct or memory-mapped reads, every such read fails.
std::shared_ptr<rocksdb::FileSystem> NowaitFiles(std::shared_ptr<rocksdb::FileSystem> target);

}  // namespace rocksdb_live
