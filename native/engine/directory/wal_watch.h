// Watches the files that RocksDB writes, where it asks the file system for it. Counts the syncs of
// WAL files: RocksDB's own count leaves out those of SyncWAL and of closed WALs. Tells a footprint
// how far MANIFEST and WAL have got, and whoever measures how long each sync of a WAL took.
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

// Told of each sync of a WAL that ended, failed or not, on the thread that made it.
using OnWalSync = std::function<void(std::chrono::steady_clock::duration took)>;

struct WalSyncs {
  std::atomic<uint64_t> count{0};  // those that began
  OnWalSync ended;
};

class WalWatch {
 public:
  // `on_sync` may be null.
  WalWatch(const std::shared_ptr<rocksdb::FileSystem>& target, std::shared_ptr<Footprint> footprint,
           OnWalSync on_sync = nullptr);

  // For DBOptions::env. Lives as long as this, which must outlive the database.
  rocksdb::Env* env() const { return env_.get(); }
  uint64_t syncs() const { return syncs_->count.load(std::memory_order_relaxed); }

 private:
  const std::shared_ptr<WalSyncs> syncs_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace rocksdb_live
