// One transaction: what it reads from, what it has read, and what it will write.
//
// Used on its session's thread, but for what reads of other threads ask of its own writes (Look,
// Over), which its mutex guards.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/resource.h"
#include "engine/readers/snapshot.h"
#include "engine/reads/range_iterator.h"
#include "engine/reads/read_layer.h"
#include "engine/transactions/commit_window.h"
#include "engine/transactions/lock_table.h"
#include "engine/transactions/own_index.h"
#include "engine/transactions/read_set.h"

namespace rocksdb_live {

class Transactions;

enum class Isolation : uint8_t {
  kSerializable,  // nothing that it read has changed when it commits
  kSnapshot,      // nothing that it wrote has been written by others
};

class Transaction : public ReadLayer {
 public:
  static constexpr ResourceKind kKind = ResourceKind::kTransaction;
  static constexpr const char* kClosed = "the transaction has ended";
  static constexpr const char* kBusy = "the transaction is being committed";
  static constexpr size_t kMostWriteBytes = size_t{64} << 20;
  using Clock = std::chrono::steady_clock;

  Transaction(Transactions* owner, uint64_t id, Isolation isolation);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() override;

  uint64_t id() const { return id_; }
  Clock::time_point since() const { return since_; }
  bool started() const { return start_ != 0; }
  uint64_t start() const { return start_; }
  const std::shared_ptr<Snapshot>& snapshot() const { return snapshot_; }
  // What it was given by Transactions.
  void Start(uint64_t ticket, std::shared_ptr<Snapshot> snapshot);
  // Forgets all that it read and wrote, and where it began: it is to be started again.
  void Reset();

  // What it has read, by its own word; `locked` keys count in both isolations.
  void NoteKey(uint32_t family, std::string_view key, bool locked = false);
  void NoteRange(KeyRange range);

  // Appends the records of a batch in wire format that CheckBatch has passed.
  Error Append(std::string_view batch);
  void RollBackTo(size_t bytes, uint32_t count);
  // What its scans see from here on is laid over ranges opened now.
  uint64_t Mark();
  bool Touches(uint32_t family) const;
  bool has_writes() const { return batch_.size() > kBatchHeader; }
  // Who only reads has read one state of the database, unless its view was renewed: what was being
  // written then may be in the one and not in the other.
  bool must_check() const { return has_writes() || renewed_; }
  // How often it was begun anew.
  uint32_t attempt() const { return attempt_; }
  // The batch, which is its own no more.
  std::string TakeBatch();

  // What must not have changed for it to commit: what it has read and what it writes, which is
  // `batch`; and for it to go on, what it has read. Both prepared.
  const ReadSet& ChecksOf(const rocksdb::Slice& batch);
  const ReadSet& Reads();
  // Up to which ticket that has been looked at.
  uint64_t checked() const { return checked_; }
  void set_checked(uint64_t ticket) { checked_ = ticket; }
  // From here on reads from a newer view, where nobody else reads from the last one.
  bool Renew(uint64_t checked, const std::function<std::shared_ptr<Snapshot>()>& take);
  // Where its last commit met another's write.
  Clash clash;
  // Keys over which its attempts have failed.
  std::set<LockedKey> turns;
  // It does not write past the turns of others.
  bool yields = false;
  // Set by Transactions: that it has ended, and how.
  std::atomic<bool> ended{false};
  bool committed = false;

  OwnWrite Look(const Family& family, const rocksdb::Slice& key) const override;
  std::unique_ptr<rocksdb::Iterator> Over(std::unique_ptr<rocksdb::Iterator> base,
                                          const RangeConfig& config) const override;

  // For who lays it over an iterator.
  template <typename Ask>
  auto WithIndex(Ask ask) const {
    std::lock_guard<std::mutex> lock(mutex_);
    return ask(index_);
  }

  // For those who list the open ones; any thread.
  uint64_t reads() const { return reads_count_.load(std::memory_order_relaxed); }
  uint64_t writes() const { return writes_count_.load(std::memory_order_relaxed); }
  Isolation isolation() const { return isolation_; }

 private:
  Transactions* const owner_;
  const uint64_t id_;
  const Isolation isolation_;
  const Clock::time_point since_ = Clock::now();
  uint64_t start_ = 0;
  uint64_t checked_ = 0;
  std::shared_ptr<Snapshot> snapshot_;
  ReadSet reads_;
  bool renewed_ = false;
  uint32_t attempt_ = 0;
  bool prepared_ = false;
  bool holds_writes_ = false;  // what it writes is among the reads
  std::atomic<uint64_t> reads_count_{0};
  std::atomic<uint64_t> writes_count_{0};

  mutable std::mutex mutex_;
  std::string batch_;
  OwnIndex index_;
};

}  // namespace rocksdb_live
