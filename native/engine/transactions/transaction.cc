#include "engine/transactions/transaction.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/clock.h"
#include "engine/transactions/over_iterator.h"
#include "engine/transactions/transactions.h"

namespace rocksdb_live {

using rocksdb::Slice;

Transaction::Transaction(Transactions* owner, uint64_t id, Isolation isolation)
    : owner_(owner), id_(id), isolation_(isolation), batch_(kBatchHeader, '\0'), index_(&batch_) {}

Transaction::~Transaction() { owner_->End(this); }

void Transaction::Start(uint64_t ticket, std::shared_ptr<Snapshot> snapshot) {
  start_ = checked_ = ticket;
  snapshot_ = std::move(snapshot);
}

void Transaction::Reset() {
  ++attempt_;
  start_ = checked_ = 0;
  renewed_ = false;
  snapshot_.reset();
  least_grace_ms_ = kNoGrace;
  reads_.Clear();
  prepared_ = holds_writes_ = false;
  RollBackTo(kBatchHeader, 0);
}

void Transaction::NoteKey(uint32_t family, std::string_view key, bool locked) {
  // A lock comes with a read, which is counted by itself.
  if (!locked) reads_count_.fetch_add(1, std::memory_order_relaxed);
  if (isolation_ != Isolation::kSerializable && !locked) return;
  reads_.AddKey(family, key);
  prepared_ = false;
}

void Transaction::NoteExpiry(const Expiry& expiry) {
  least_grace_ms_ = std::min(least_grace_ms_, expiry.grace_ms);
}

bool Transaction::IsTooOld() const {
  const uint64_t now = NowMs();
  return snapshot_ && now > snapshot_->taken_ms() && now - snapshot_->taken_ms() > least_grace_ms_;
}

void Transaction::NoteRange(KeyRange range) {
  reads_count_.fetch_add(1, std::memory_order_relaxed);
  if (isolation_ != Isolation::kSerializable) return;
  reads_.AddRange(std::move(range));
  prepared_ = false;
}

Error Transaction::Append(std::string_view batch) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Slice given(batch.data(), batch.size());
  if (batch_.size() + batch.size() - kBatchHeader > kMostWriteBytes) {
    return Error(Code::kOutOfRange,
                 "a transaction writes at most " + std::to_string(kMostWriteBytes >> 20) +
                     " MiB; more is for batches (db.batch, family.writable)",
                 Outcome::kNotApplied);
  }
  const uint32_t count = BatchCount(batch_) + BatchCount(given);
  batch_.append(batch.substr(kBatchHeader));
  SetBatchCount(&batch_, count);
  writes_count_.store(count, std::memory_order_relaxed);
  return Error();
}

void Transaction::RollBackTo(size_t bytes, uint32_t count) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (bytes < kBatchHeader || bytes > batch_.size()) return;
  index_.RollBackTo(bytes);
  batch_.resize(bytes);
  SetBatchCount(&batch_, count);
  writes_count_.store(count, std::memory_order_relaxed);
}

uint64_t Transaction::Mark() {
  std::lock_guard<std::mutex> lock(mutex_);
  index_.CatchUp();
  return index_.mark();
}

bool Transaction::Touches(uint32_t family) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return index_.Touches(family);
}

std::string Transaction::TakeBatch() {
  std::lock_guard<std::mutex> lock(mutex_);
  index_.Clear();
  return std::exchange(batch_, std::string(kBatchHeader, '\0'));
}

const ReadSet& Transaction::Reads() {
  if (!prepared_) reads_.Prepare();
  prepared_ = true;
  return reads_;
}

const ReadSet& Transaction::ChecksOf(const Slice& batch) {
  if (holds_writes_) return Reads();
  holds_writes_ = true;
  prepared_ = false;
  BatchWalk walk(batch);
  BatchRecord record;
  while (walk.Next(&record)) {
    const std::string_view key(record.key.data(), record.key.size());
    // A merge operand applies to any value, so the key may have changed.
    if (record.kind == BatchRecord::Kind::kMerge) continue;
    if (record.kind == BatchRecord::Kind::kDeleteRange) {
      reads_.AddRange({record.family, std::string(key), record.second.ToString()});
    } else {
      reads_.AddKey(record.family, key);
    }
  }
  return Reads();
}

bool Transaction::Renew(uint64_t checked, const std::function<std::shared_ptr<Snapshot>()>& take) {
  if (snapshot_.use_count() != 1) return false;
  const uint64_t began = snapshot_->taken_ms();
  snapshot_ = take();
  snapshot_->JudgeAsOf(began);
  checked_ = checked;
  renewed_ = true;
  return true;
}

OwnWrite Transaction::Look(const Family& family, const Slice& key) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return index_.Look(family, {key.data(), key.size()}, index_.mark());
}

std::unique_ptr<rocksdb::Iterator> Transaction::Over(std::unique_ptr<rocksdb::Iterator> base,
                                                     const RangeConfig& config) const {
  if (!Touches(config.family->id())) return base;
  return std::make_unique<OverIterator>(std::move(base), config, this);
}

}  // namespace rocksdb_live
