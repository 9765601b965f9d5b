// Keys and ranges (no values) committed since the oldest open transaction began, in the order of
// tickets. Transactions check here whether what they read has changed.
//
// A replica's commits are pending from when they are proposed until they are applied. A transaction
// that begins meanwhile has none of them in its snapshot, so it begins before the oldest.
//
// The order is this ticket and not RocksDB's sequence: with unordered_write, or when a write runs
// on the calling thread, a later write can have a lower sequence. A write is added after RocksDB
// has returned and before its writer leaves the gate, so whoever has closed the gate sees every
// write.
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

// Where a commit conflicts with a newer write.
struct Clash {
  enum class Kind : uint8_t { kNone, kKey, kRange, kTooOld };
  Kind kind = Kind::kNone;
  uint32_t family = 0;
  std::string key;  // the written key, or the first key of the deleted range
};

// Any thread.
class CommitWindow {
 public:
  using Clock = std::chrono::steady_clock;

  explicit CommitWindow(size_t most_bytes) : most_bytes_(most_bytes) {}
  CommitWindow(const CommitWindow&) = delete;
  CommitWindow& operator=(const CommitWindow&) = delete;

  // Whether writers must record what they wrote. Becomes true only while the gate is closed.
  bool tracking() const { return tracking_.load(std::memory_order_acquire); }
  // Call with the gate closed, while tracking is off.
  void StartTracking();
  // Tracks for good. Before the first write.
  void TrackAlways();
  // Returns a ticket to begin at; later writes are kept until Leave. Returns 0 while tracking is
  // off.
  uint64_t Join();
  void Leave(uint64_t start);

  // Records a written batch in wire format. Call inside the gate, or with it closed.
  void Add(const rocksdb::Slice& batch);
  // Records that a family was dropped: everything read from it is gone. Call with the gate closed.
  void AddDropped(uint32_t family);

  // Records a batch in wire format that is to be written; returns its ticket.
  uint64_t AddPending(const rocksdb::Slice& batch);
  // Records that a family is to be dropped.
  uint64_t AddPendingDrop(uint32_t family);
  // It was written, or failed; what it wrote is in the snapshots taken from now on.
  void EndPending(uint64_t ticket);
  // Whether a pending commit writes what was read. `reads` must be prepared.
  bool IsPending(const ReadSet& reads) const;
  // The newest ticket up to which nothing is pending.
  uint64_t Settled() const;

  // Returns the first conflict between `reads` and the writes after `since`, and sets `until` to
  // the newest ticket it looked at. `reads` must be prepared.
  Clash Check(const ReadSet& reads, uint64_t since, uint64_t* until) const;
  // How many bytes a Check would look at.
  size_t BytesSince(uint64_t since) const;
  // The ticket of the newest write.
  uint64_t newest() const { return newest_.load(std::memory_order_acquire); }

  // The first call decides; later calls can only raise the limit.
  void SetMostBytes(size_t bytes);
  size_t bytes() const;

 private:
  struct Mark {
    uint64_t ticket;
    size_t offset;  // of the first record
  };
  // Full chunks never change again.
  struct Chunk {
    std::string bytes;
    std::vector<Mark> marks;
    uint64_t last = 0;
    size_t size() const { return bytes.size() + marks.size() * sizeof(Mark); }
  };

  static Clash CheckChunk(const Chunk& chunk, const ReadSet& reads, uint64_t since);
  Chunk* Begin();
  static void AppendKeys(const rocksdb::Slice& batch, Chunk* chunk);
  uint64_t SettledLocked() const { return pending_.empty() ? ticket_ : *pending_.begin() - 1; }
  void Trim();

  std::atomic<bool> tracking_{false};
  std::atomic<uint64_t> newest_{0};
  mutable std::mutex mutex_;
  uint64_t ticket_ = 0;
  uint64_t forgotten_ = 0;  // writes up to this ticket are no longer kept
  std::multiset<uint64_t> open_;
  std::set<uint64_t> pending_;
  bool always_ = false;
  Clock::time_point emptied_;  // when the last one left
  std::deque<std::shared_ptr<Chunk>> chunks_;
  size_t full_bytes_ = 0;  // of all chunks but the last
  size_t most_bytes_;
  bool asked_ = false;
};

}  // namespace rocksdb_live
