// Files that can be read without waiting for a disk: an awaited read takes what is in the system's
// page cache on the JavaScript thread, since a hop to another thread would cost ten times as much.
#pragma once

#include <memory>

#include "engine/base/read_options.h"
#include "rocksdb/file_system.h"

namespace rocksdb_live {

// While one exists, reads of such files on its thread must not wait, whatever their options say.
// For calls of RocksDB that take no options.
class NowaitScope {
 public:
  NowaitScope() : outer_(current_) { current_ = this; }
  NowaitScope(const NowaitScope&) = delete;
  NowaitScope& operator=(const NowaitScope&) = delete;
  ~NowaitScope() { current_ = outer_; }

  // Whether a read was refused because it would have waited.
  bool refused() const { return refused_; }

  // For the files: whether a read with these options must not wait.
  static bool Binds(const rocksdb::IOOptions& options) {
    return options.timeout == kNoWaitTimeout || current_ != nullptr;
  }
  // For the files: notes that a read was refused.
  static void Refuse() {
    if (current_ != nullptr) current_->refused_ = true;
  }

 private:
  static thread_local NowaitScope* current_;
  NowaitScope* const outer_;
  bool refused_ = false;
};

// Wraps `target`: table and blob files obey a timeout of kNoWaitTimeout (read_options.h), and a
// read that would wait for a disk fails with TimedOut. Only Linux can tell what would wait;
// elsewhere, and with direct or memory-mapped reads, every such read fails.
std::shared_ptr<rocksdb::FileSystem> NowaitFiles(
    const std::shared_ptr<rocksdb::FileSystem>& target);

}  // namespace rocksdb_live
