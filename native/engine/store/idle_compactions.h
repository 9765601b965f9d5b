// Lets periodic compactions begin in databases where nothing is written, so that the space of rows
// that have expired comes back there as well.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/base/family.h"
#include "rocksdb/version.h"

namespace rocksdb_live {

// Before 11, RocksDB looks for files that are due only when a flush, a compaction or SetOptions
// ends (facebook/rocksdb#13736, #14396).
constexpr bool kIdleNeedsLooks = ROCKSDB_MAJOR < 11;

// Makes RocksDB look for files of these families that are due.
void LookForDueFiles(const std::vector<std::shared_ptr<Family>>& families);

// Does so from time to time, on a thread of its own.
class IdleCompactions {
 public:
  using Families = std::function<std::vector<std::shared_ptr<Family>>()>;

  IdleCompactions() = default;
  IdleCompactions(const IdleCompactions&) = delete;
  IdleCompactions& operator=(const IdleCompactions&) = delete;
  ~IdleCompactions() { Stop(); }

  // `families` may be asked on that thread until Stop. Starts once, and not after Stop.
  void Start(Families families);
  // Call before the database is closed.
  void Stop();

 private:
  void Loop(const Families& families);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rocksdb_live
