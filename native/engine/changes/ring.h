// The last commits, in memory, in the order of their sequence numbers.
//
// Writers return out of order: what came early waits beside the ring until everything before it is
// there. So a reader gets each commit once, and none before the commits that precede it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rocksdb_live {

struct Commit {
  uint64_t first = 0;  // sequence number
  uint64_t end = 0;    // the first one of the next commit
  double time_ms = 0;  // since 1970
  std::string batch;   // in wire format
};

// A reader that waits for commits. Told once, on any thread.
class ChangeWait {
 public:
  explicit ChangeWait(std::function<void()> done) : done_(std::move(done)) {}
  void Tell() {
    if (!told_.exchange(true)) done_();
  }
  bool told() const { return told_.load(std::memory_order_acquire); }

 private:
  const std::function<void()> done_;
  std::atomic<bool> told_{false};
};

// Any thread.
class ChangeRing {
 public:
  static constexpr size_t kMostBytes = size_t{1} << 20;

  enum class Found { kCommits, kBehind, kTail };

  explicit ChangeRing(size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}
  ChangeRing(const ChangeRing&) = delete;
  ChangeRing& operator=(const ChangeRing&) = delete;

  // Whether it takes commits: while it has readers.
  bool active() const { return readers_.load(std::memory_order_acquire) != 0; }
  // A reader comes. `next` is the sequence number of the next commit. Call with the gate closed.
  void Join(uint64_t next);
  void Leave();
  // After a write that succeeded, which has put its sequence number into the batch.
  void Add(std::string batch, bool synced);
  // What was committed until now is synced.
  void Synced();
  // Forgets everything; `next` is the sequence number of the next commit. Call with the gate
  // closed.
  void Restart(uint64_t next);
  // Appends commits from `next` on, until `stop` or `most_bytes`, but one at least.
  Found Read(uint64_t next, uint64_t stop, size_t most_bytes,
             std::vector<std::shared_ptr<const Commit>>* commits) const;
  // The first sequence number that is not known to be committed; 0 without readers.
  uint64_t end() const;
  // The first one that is not known to be synced.
  uint64_t synced() const;
  // Tells `wait` at the next commit; returns false if `next` is behind already. With `durable`, at
  // the next sync.
  bool Wait(uint64_t next, bool durable, const std::shared_ptr<ChangeWait>& wait);
  void Forget(const std::shared_ptr<ChangeWait>& wait);
  // Tells all who wait.
  void WakeAll();

 private:
  using Waits = std::vector<std::shared_ptr<ChangeWait>>;

  // Moves what follows without a hole into the ring. Returns whether anything did.
  bool Advance();
  void Push(std::shared_ptr<const Commit> commit);

  const size_t most_bytes_;
  std::atomic<uint32_t> readers_{0};
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const Commit>> commits_;
  std::map<uint64_t, std::shared_ptr<const Commit>> early_;
  size_t bytes_ = 0;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  uint64_t synced_ = 0;
  Waits waits_;
};

}  // namespace rocksdb_live
