// The transactions of one store: how they begin, how they are checked, and how they end.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/transactions/commit_window.h"
#include "engine/transactions/lock_table.h"
#include "engine/transactions/transaction.h"
#include "engine/writes/write_gate.h"

namespace rocksdb_live {

// Counters for metrics.
enum class TransactionCount : uint8_t {
  kCommitted,
  kRolledBack,
  kConflictKey,
  kConflictRange,
  kTooOld,
  kDeadlock,
  kLockTimeout,
  kLockWait,
  kRetry,
  kEnd,
};

// When a failed transaction may run again.
enum class Turn : uint8_t {
  kWaits = 0,  // after the transactions before it: wait for the callback
  kNow = 1,    // now: it is first in line for its keys
  kFree = 2,   // at any time: there is no line
};

// An open transaction, as it is now.
struct OpenTransaction {
  uint64_t id = 0;
  Isolation isolation = Isolation::kSerializable;
  double age_seconds = 0;
  uint64_t reads = 0;
  uint64_t writes = 0;
  size_t locks = 0;
  std::vector<uint64_t> waits_for;
};

// The start of a transaction; its destructor leaves the window unless a transaction took it over.
class Beginning {
 public:
  Beginning() = default;
  Beginning(CommitWindow* window, uint64_t ticket) : window_(window), ticket_(ticket) {}
  Beginning(Beginning&& other) noexcept { *this = std::move(other); }
  Beginning& operator=(Beginning&& other) noexcept {
    std::swap(window_, other.window_);
    std::swap(ticket_, other.ticket_);
    std::swap(snapshot, other.snapshot);
    return *this;
  }
  ~Beginning() {
    if (ticket_ != 0) window_->Leave(ticket_);
  }
  uint64_t TakeTicket() { return std::exchange(ticket_, 0); }

  std::shared_ptr<Snapshot> snapshot;

 private:
  CommitWindow* window_ = nullptr;
  uint64_t ticket_ = 0;
};

// Any thread, except for functions that take a Transaction: call those on its own thread.
class Transactions {
 public:
  static constexpr size_t kWindowBytes = size_t{64} << 20;

  explicit Transactions(WriteGate* gate) : gate_(gate), window_(kWindowBytes) {}
  Transactions(const Transactions&) = delete;
  Transactions& operator=(const Transactions&) = delete;

  // With unordered_write snapshots are not stable, so each transaction begins with the gate closed.
  void SetSnapshotsMove(bool move) { snapshots_move_ = move; }

  std::shared_ptr<Transaction> Make(Isolation isolation);
  // Assigns its ticket and snapshot. Returns false if that would have to wait for writers; Begin
  // waits, which can take as long as a write.
  bool TryStart(Transaction* transaction, rocksdb::DB* db);
  Beginning Begin(rocksdb::DB* db);
  static void Start(Transaction* transaction, Beginning beginning);
  // Ends it; without a commit, this rolls it back.
  void End(Transaction* transaction);
  // Ends one attempt before the next begins: releases its locks and its view, and takes the turns
  // of all keys over which it has failed. `done` is called when it has them, if it has to wait.
  Turn Retry(Transaction* transaction, const std::function<void(const Error&)>& done);

  // If others have written the key since the transaction began, renews the view if that is allowed
  // and everything read so far is unchanged. Fails with a conflict otherwise.
  Error Refresh(Transaction* transaction, rocksdb::DB* db, const Family& family,
                std::string_view key, bool may_renew);
  // Whether it may commit `batch`, as of everything committed so far. Looks only at what is newer
  // than what the last call looked at.
  Error Check(Transaction* transaction, const rocksdb::Slice& batch);
  void Count(TransactionCount what) {
    counts_[static_cast<size_t>(what)].fetch_add(1, std::memory_order_relaxed);
  }
  uint64_t CountOf(TransactionCount what) const {
    return counts_[static_cast<size_t>(what)].load(std::memory_order_relaxed);
  }
  CommitWindow& window() { return window_; }
  const CommitWindow& window() const { return window_; }
  LockTable& locks() { return locks_; }
  std::vector<OpenTransaction> Open() const;
  size_t open() const;
  double OldestAgeSeconds() const;

 private:
  Beginning BeginClosed(rocksdb::DB* db);
  Error Describe(Transaction* transaction, Clash clash);
  // A key of the batch that is the turn of another.
  Clash TurnOfAnother(const Transaction& transaction, const rocksdb::Slice& batch) const;

  WriteGate* const gate_;
  std::atomic<bool> snapshots_move_{false};
  CommitWindow window_;
  LockTable locks_;
  std::array<std::atomic<uint64_t>, static_cast<size_t>(TransactionCount::kEnd)> counts_{};
  mutable std::mutex mutex_;
  uint64_t next_id_ = 1;
  std::map<uint64_t, Transaction*> open_;
};

}  // namespace rocksdb_live
