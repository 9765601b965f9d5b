// One reader of changes: its position, and the WAL that it reads while it is behind the ring.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "engine/base/resource.h"
#include "engine/changes/ring.h"
#include "engine/changes/token.h"
#include "rocksdb/db.h"
#include "rocksdb/transaction_log.h"

namespace rocksdb_live {

// Used by one thread at a time, but for EndWait.
class ChangeFeed {
 public:
  static constexpr ResourceKind kKind = ResourceKind::kFeed;
  static constexpr const char* kClosed = "the feed of changes has ended";
  static constexpr const char* kBusy = "a read of this feed of changes is under way";

  // Has joined the ring.
  ChangeFeed(ChangeRing* ring, std::string epoch, Position position, bool durable)
      : epoch(std::move(epoch)), at(position), durable(durable), ring_(ring) {}
  ChangeFeed(const ChangeFeed&) = delete;
  ChangeFeed& operator=(const ChangeFeed&) = delete;
  ~ChangeFeed() {
    EndWait();
    ring_->Leave();
  }

  // Calls `done` at the next commit, or when EndWait is called. Returns false if there is something
  // to read.
  bool Wait(std::function<void()> done) {
    auto wait = std::make_shared<ChangeWait>(std::move(done));
    std::lock_guard<std::mutex> lock(mutex_);
    if (!ring_->Wait(std::max(at.next, waits_behind), durable, wait)) return false;
    wait_ = std::move(wait);
    return true;
  }
  void EndWait() {
    std::shared_ptr<ChangeWait> wait;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      wait.swap(wait_);
    }
    if (!wait) return;
    ring_->Forget(wait);
    wait->Tell();
  }

  // Of the history that it reads.
  const std::string epoch;
  Position at;
  // What `wal` reads.
  std::shared_ptr<rocksdb::DB> wal_of;
  // Null while it reads from the ring.
  std::unique_ptr<rocksdb::TransactionLogIterator> wal;
  // A record of the WAL reaches beyond what may be read, which ended here: several commits share
  // it. 0 if none does.
  uint64_t waits_behind = 0;
  // Gives only what is synced.
  const bool durable;

 private:
  ChangeRing* const ring_;
  std::mutex mutex_;
  std::shared_ptr<ChangeWait> wait_;
};

}  // namespace rocksdb_live
