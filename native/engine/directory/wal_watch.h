// Watches the files that RocksDB writes, through its file system. Counts syncs of WAL files:
// RocksDB's own count omits those of SyncWAL and of closed WALs. Tells the footprint how far
// MANIFEST and WAL were synced, and a callback how long each WAL sync took.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "engine/directory/footprint.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace rocksdb_live {

// Called after each WAL sync, failed or not, on the thread that made it.
using OnWalSync = std::function<void(std::chrono::steady_clock::duration took)>;

struct WalSyncs {
  std::atomic<uint64_t> count{0};  // syncs that began
  OnWalSync ended;
};

class WalWatch {
 public:
  // `on_sync` may be null.
  WalWatch(const std::shared_ptr<rocksdb::FileSystem>& target, std::shared_ptr<Footprint> footprint,
           OnWalSync on_sync = nullptr);

  // For DBOptions::env. Valid as long as this object, which must outlive the database.
  rocksdb::Env* env() const { return env_.get(); }
  uint64_t syncs() const { return syncs_->count.load(std::memory_order_relaxed); }

 private:
  const std::shared_ptr<WalSyncs> syncs_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace rocksdb_live
