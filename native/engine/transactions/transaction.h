// One transaction: its view, what it has read, and what it will write.
//
// Used on its session's thread, except that reads on other threads look at its own writes (Look,
// Over); its mutex guards those.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
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
  kSerializable,  // nothing that it read has changed by the time it commits
  kSnapshot,      // nothing that it wrote was written by others meanwhile
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
  // Takes the ticket and snapshot that Transactions made for it.
  void Start(uint64_t ticket, std::shared_ptr<Snapshot> snapshot);
  // Forgets everything it read and wrote and its start, before it is started again.
  void Reset();

  // Records what it has read; `locked` keys count in both isolations.
  void NoteKey(uint32_t family, std::string_view key, bool locked = false);
  void NoteRange(KeyRange range);
  // Records that it has used a family whose rows expire; IsTooOld: whether it began before such a
  // family may have dropped rows that it would have to see.
  void NoteExpiry(const Expiry& expiry);
  bool IsTooOld() const;

  // Appends the records of a batch in wire format that has passed CheckBatch.
  Error Append(std::string_view batch);
  void RollBackTo(size_t bytes, uint32_t count);
  // A mark for RangeConfig::layer_mark: ranges opened now see the writes made so far.
  uint64_t Mark();
  bool Touches(uint32_t family) const;
  bool has_writes() const { return batch_.size() > kBatchHeader; }
  // A transaction that only reads has seen one state of the database, unless its view was renewed:
  // a write in progress at that moment may be visible to some of its reads only.
  bool must_check() const { return has_writes() || renewed_; }
  // How often it was restarted.
  uint32_t attempt() const { return attempt_; }
  // Moves the batch out.
  std::string TakeBatch();

  // ChecksOf: what must be unchanged for it to commit `batch`, its reads and its writes. Reads:
  // what must be unchanged for it to go on. Both are prepared.
  const ReadSet& ChecksOf(const rocksdb::Slice& batch);
  const ReadSet& Reads();
  // The ticket up to which these were checked.
  uint64_t checked() const { return checked_; }
  void set_checked(uint64_t ticket) { checked_ = ticket; }
  // Switches to a newer view, if no other read still uses the current one.
  bool Renew(uint64_t checked, const std::function<std::shared_ptr<Snapshot>()>& take);
  // The conflict of its last commit.
  Clash clash;
  // Keys over which its attempts have failed.
  std::set<LockedKey> turns;
  // Its commit fails rather than write a key that is the turn of another.
  bool yields = false;
  // Set by Transactions: whether it has ended, and how.
  std::atomic<bool> ended{false};
  bool committed = false;

  OwnWrite Look(const Family& family, const rocksdb::Slice& key) const override;
  std::unique_ptr<rocksdb::Iterator> Over(std::unique_ptr<rocksdb::Iterator> base,
                                          const RangeConfig& config) const override;

  // For whoever lays the writes over an iterator.
  template <typename Ask>
  auto WithIndex(Ask ask) const {
    std::lock_guard<std::mutex> lock(mutex_);
    return ask(index_);
  }

  // For the list of open transactions; any thread.
  uint64_t reads() const { return reads_count_.load(std::memory_order_relaxed); }
  uint64_t writes() const { return writes_count_.load(std::memory_order_relaxed); }
  Isolation isolation() const { return isolation_; }

 private:
  static constexpr uint64_t kNoGrace = std::numeric_limits<uint64_t>::max();

  Transactions* const owner_;
  const uint64_t id_;
  const Isolation isolation_;
  const Clock::time_point since_ = Clock::now();
  uint64_t start_ = 0;
  uint64_t checked_ = 0;
  std::shared_ptr<Snapshot> snapshot_;
  uint64_t least_grace_ms_ = kNoGrace;  // of the families that it has used
  ReadSet reads_;
  bool renewed_ = false;
  uint32_t attempt_ = 0;
  bool prepared_ = false;
  bool holds_writes_ = false;  // whether its writes are among `reads_`
  std::atomic<uint64_t> reads_count_{0};
  std::atomic<uint64_t> writes_count_{0};

  mutable std::mutex mutex_;
  std::string batch_;
  OwnIndex index_;
};

}  // namespace rocksdb_live
