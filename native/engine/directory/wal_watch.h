// Watches the files that RocksDB writes, where it asks the file system for it. Counts the syncs of
// WAL files: RocksDB's own count leaves out those of SyncWAL and of closed WALs. Tells a footprint
// how far MANIFEST and WAL have got.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/directory/footprint.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace rocksdb_live {

class WalWatch {
 public:
  WalWatch(std::shared_ptr<rocksdb::FileSystem> target, std::shared_ptr<Footprint> footprint);

  // For DBOptions::env. Lives as long as this, which must outlive the database.
  rocksdb::Env* env() const { return env_.get(); }
  uint64_t syncs() const { return syncs_->load(std::memory_order_relaxed); }

 private:
  const std::shared_ptr<std::atomic<uint64_t>> syncs_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace rocksdb_live
