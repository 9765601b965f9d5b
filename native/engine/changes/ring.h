// The last commits, in memory, in the order of their sequence numbers.
//
// Writers return out of order: what came early waits beside the ring until everything before it is
// there. So a reader gets each commit once, and none before the commits that precede it.
//
// A writer only puts its commit into an inbox, under a mutex that nobody holds for long. Whoever
// reads sorts what is in it.
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
#include <thread>
#include <vector>

namespace rocksdb_live {

struct CommittedBatch {
  uint64_t first = 0;  // sequence number
  uint64_t end = 0;    // the first one of the next commit
  double time_ms = 0;  // since 1970
  std::string batch;   // in wire format
  bool synced = false;
  bool logged = true;  // in the WAL
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
  ~ChangeRing() { Stop(); }
  ChangeRing(const ChangeRing&) = delete;
  ChangeRing& operator=(const ChangeRing&) = delete;

  // Whether it takes commits: while it has readers.
  bool active() const { return readers_.load(std::memory_order_acquire) != 0; }
  // A reader comes. `next` is the sequence number of the next commit. Call with the gate closed.
  void Join(uint64_t next);
  void Leave();
  // After a write that succeeded, which has put its sequence number into the batch.
  void Add(std::string batch, bool synced, bool logged = true);
  // All commits before this sequence number are synced.
  void Synced(uint64_t end);
  // Forgets everything; `next` is the sequence number of the next commit. Call with the gate
  // closed.
  void Restart(uint64_t next);
  // Appends commits from `next` on, until `stop` or `most_bytes`, but one at least.
  Found Read(uint64_t next, uint64_t stop, size_t most_bytes,
             std::vector<std::shared_ptr<const CommittedBatch>>* commits);
  // The first sequence number that is not known to be committed; 0 without readers.
  uint64_t end();
  // The first one that is not known to be synced.
  uint64_t synced();
  // Tells `wait` at the next commit; returns false if `next` is behind already. With `durable`, at
  // the next sync.
  bool Wait(uint64_t next, bool durable, const std::shared_ptr<ChangeWait>& wait);
  void Forget(const std::shared_ptr<ChangeWait>& wait);
  // Tells all who wait.
  void WakeAll();
  // Ends the thread that tells, when it has told all. Nobody waits after that.
  void Stop();

 private:
  using Waits = std::vector<std::shared_ptr<ChangeWait>>;
  using Batch = std::shared_ptr<const CommittedBatch>;

  // All under mutex_.
  void Clear(uint64_t next);
  void Sort();
  void Take(Batch commit);
  void Push(Batch commit);

  // Has those who wait told on a thread of the ring's own: to wake JavaScript takes system calls,
  // which who commits does not pay for. Under inbox_mutex_.
  void WakeTeller();
  void TellLoop();

  const size_t most_bytes_;
  std::atomic<uint32_t> readers_{0};

  // After mutex_, where both are held.
  std::mutex inbox_mutex_;
  std::vector<Batch> inbox_;
  size_t inbox_bytes_ = 0;
  Waits waits_;
  std::condition_variable news_changed_;
  std::thread teller_;  // runs from the first wait on
  bool news_ = false;   // since it has last told
  bool resting_ = false;
  bool stopped_ = false;

  std::mutex mutex_;
  std::deque<Batch> commits_;
  std::map<uint64_t, Batch> early_;
  size_t bytes_ = 0;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  uint64_t synced_ = 0;
};

}  // namespace rocksdb_live
