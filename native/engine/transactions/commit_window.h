// What was committed since the oldest open transaction began: keys and ranges, without values, in
// the order of tickets. Transactions look here whether what they read has changed.
//
// The order is this ticket and not RocksDB's sequence: with unordered_write, and where a write is
// made at the call, a later write can have a lower sequence. A write is put in after RocksDB has
// returned and before its writer leaves the gate, so whoever has closed the gate sees them all.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine/transactions/read_set.h"
#include "rocksdb/slice.h"

namespace rocksdb_live {

// Where a commit meets what was written since.
struct Clash {
  enum class Kind : uint8_t { kNone, kKey, kRange, kTooOld };
  Kind kind = Kind::kNone;
  uint32_t family = 0;
  std::string key;  // that was written, or at which the range that was deleted begins
};

// Any thread.
class CommitWindow {
 public:
  using Clock = std::chrono::steady_clock;

  explicit CommitWindow(size_t most_bytes) : most_bytes_(most_bytes) {}
  CommitWindow(const CommitWindow&) = delete;
  CommitWindow& operator=(const CommitWindow&) = delete;

  // Whether writers must say what they wrote. It begins only while the gate is closed.
  bool tracking() const { return tracking_.load(std::memory_order_acquire); }
  // With the gate closed, where tracking is off.
  void StartTracking();
  // A ticket to begin at, whose writes from now on are kept until Leave; 0 where tracking is off.
  uint64_t Join();
  void Leave(uint64_t start);

  // A batch in wire format was written. Inside the gate, or with it closed.
  void Add(const rocksdb::Slice& batch);
  // A family was dropped: whoever read of it has read what is no more. With the gate closed.
  void AddDropped(uint32_t family);

  // The first clash of what was read with what was written after `since`; sets `until` to the
  // newest ticket that it has looked at. `reads` must be prepared.
  Clash Check(const ReadSet& reads, uint64_t since, uint64_t* until) const;
  // Bytes that a Check would go through.
  size_t BytesSince(uint64_t since) const;
  // The newest ticket of a write.
  uint64_t newest() const { return newest_.load(std::memory_order_acquire); }

  // The first who asks decides; of those who come later, who asks for more.
  void SetMostBytes(size_t bytes);
  size_t bytes() const;

 private:
  struct Mark {
    uint64_t ticket;
    size_t offset;  // of the first record
  };
  // Full ones are never changed again.
  struct Chunk {
    std::string bytes;
    std::vector<Mark> marks;
    uint64_t last = 0;
    size_t size() const { return bytes.size() + marks.size() * sizeof(Mark); }
  };

  static Clash CheckChunk(const Chunk& chunk, const ReadSet& reads, uint64_t since);
  Chunk* Begin();
  void Trim();

  std::atomic<bool> tracking_{false};
  std::atomic<uint64_t> newest_{0};
  mutable std::mutex mutex_;
  uint64_t ticket_ = 0;
  uint64_t forgotten_ = 0;  // writes up to this ticket are not here any more
  std::set<uint64_t> open_;
  Clock::time_point emptied_;  // when the last one left
  std::deque<std::shared_ptr<Chunk>> chunks_;
  size_t full_bytes_ = 0;  // of all chunks but the last
  size_t most_bytes_;
  bool asked_ = false;
};

}  // namespace rocksdb_live
