// A store's writes: beside others inside the gate, or alone with it closed if they are checked
// first.
#include <utility>

#include "engine/base/exceptions.h"
#include "engine/base/read_options.h"
#include "engine/store/modes.h"
#include "engine/store/store.h"
#include "rocksdb/write_batch.h"

namespace rocksdb_live {

using rocksdb::Status;

namespace {

// Counts writes that may wait for a disk, so that no JavaScript thread joins their write group.
class SlowWrite {
 public:
  SlowWrite(std::atomic<int>* count, bool slow) : count_(slow ? count : nullptr) {
    if (count_ != nullptr) count_->fetch_add(1, std::memory_order_acq_rel);
  }
  SlowWrite(const SlowWrite&) = delete;
  SlowWrite& operator=(const SlowWrite&) = delete;
  ~SlowWrite() {
    if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_acq_rel);
  }

 private:
  std::atomic<int>* const count_;
};

}  // namespace

Error Store::Write(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts) {
  if (!db_) return CheckMode(mode(), "commit");
  if (changes_.uncertain()) {
    const GateClosed closed(&gate_);
    return WriteInside(batch, flags, parts, true);
  }
  const GatePass pass(&gate_);
  return WriteInside(batch, flags, parts, false);
}

bool Store::TryWrite(std::string* batch, uint32_t flags, Error* error) {
  if (!db_) {
    *error = CheckMode(mode(), "commit");
    return true;
  }
  if (changes_.uncertain() || !gate_.TryEnter()) return false;
  const GatePass pass(&gate_, std::adopt_lock);
  *error = WriteInside(batch, flags, {}, false);
  return true;
}

Error Store::WriteInside(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                         bool alone, bool known) {
  uint32_t kinds = 0;
  const auto find = [this](uint32_t id) -> const Family* {
    return id < families_.size() ? families_[id].get() : nullptr;
  };
  Error error = CheckBatch(*batch, find, &kinds);
  if (!error.ok()) return error;
  if ((flags & kDisableWal) != 0 && !unlogged_.load(std::memory_order_relaxed)) unlogged_ = true;
  if (resuming_) return WhileResuming();
  if (write_thrown_) return AfterThrownWrite();
  const SlowWrite slow(&slow_writes_, (flags & kSync) != 0);
  rocksdb::WriteBatch write_batch = MakeWriteBatch(std::move(*batch), kinds);
  const bool settles = alone && changes_.uncertain();
  const uint64_t next = settles ? db_->GetLatestSequenceNumber() + 1 : 0;
  const bool recorded = recorders_.any();
  const auto begin = recorded ? Recorders::Clock::now() : Recorders::Clock::time_point();
  Status status;
  const Error thrown = Caught([&] {
    status = db_->Write(MakeWriteOptions(flags), &write_batch);
    return Error();
  });
  if (!thrown.ok()) {
    write_thrown_ = true;
    changes_.MarkUncertain();
    return Error(thrown.code(), thrown.message(), Outcome::kUnknown);
  }
  const auto took = recorded ? Recorders::Clock::now() - begin : Recorders::Clock::duration();
  *batch = write_batch.Release();
  if (!status.ok()) return Failed(status, *batch);
  if (transactions_.window().tracking() && !known) transactions_.window().Add(*batch);
  if (recorded && parts.empty()) recorders_.OnCommit(took, {BatchCount(*batch), batch->size()});
  if (recorded && !parts.empty()) recorders_.OnCommit(took, parts);
  if (settles) changes_.Settle(next, BatchSequence(*batch));
  if (changes_.ring().active()) {
    const bool logged = (flags & kDisableWal) == 0;
    changes_.ring().Add(std::move(*batch), (flags & kSync) != 0, logged);
  }
  return Error();
}

Error Store::Failed(const Status& status, const std::string& batch) {
  Error error = Error::FromWrite(status);
  // Recorded unless nothing of it was applied: then it was refused and may be tried again.
  const bool may_be_there = error.outcome() != Outcome::kNotApplied;
  if (may_be_there && transactions_.window().tracking()) transactions_.window().Add(batch);
  if (may_be_there) changes_.MarkUncertain();
  health_->Meet(status);
  return error;
}

Error Store::WriteOneChecked(CheckedWrite* write, uint32_t flags, bool nowait, bool* waits) {
  const Result<Verdict> verdict = write->Check(nowait);
  if (!verdict.ok()) return verdict.error;
  *waits = verdict.value == Verdict::kWaits;
  write->left = verdict.value == Verdict::kLeave;
  if (verdict.value != Verdict::kWrite) return Error();
  // RocksDB would log an empty batch for nothing.
  Error error =
      BatchCount(write->batch) == 0 ? Error() : WriteInside(&write->batch, flags, {}, true);
  if (error.ok()) write->Written();
  return error;
}

std::vector<Error> Store::WriteChecked(const std::vector<CheckedWrite*>& writes, uint32_t flags) {
  std::vector<Error> errors(writes.size());
  const GateClosed closed(&gate_);
  // They share one fsync at the end; each must see the writes before it.
  const bool together = writes.size() > 1 && (flags & kSync) != 0;
  const uint32_t each = together ? flags & ~uint32_t{kSync} : flags;
  std::vector<size_t> written;
  for (size_t i = 0; i < writes.size(); ++i) {
    bool waits = false;
    errors[i] = WriteOneChecked(writes[i], each, false, &waits);
    if (errors[i].ok() && !writes[i]->left) written.push_back(i);
  }
  if (!together || written.empty()) return errors;
  const SlowWrite slow(&slow_writes_, true);
  const Status status = db_->FlushWAL(true);
  if (status.ok()) {
    changes_.ring().Synced(changes_.ring().end());
    return errors;
  }
  changes_.MarkUncertain();
  health_->Meet(status);
  for (const size_t i : written) errors[i] = Error::FromWrite(status);
  return errors;
}

bool Store::TryWriteChecked(CheckedWrite* write, uint32_t flags, Error* error) {
  if (!gate_.TryClose()) return false;
  const GateClosed closed(&gate_, std::adopt_lock);
  bool waits = false;
  *error = WriteOneChecked(write, flags, true, &waits);
  return !waits;
}

Error Store::AfterThrownWrite() {
  return Error(Code::kReadOnly,
               "an exception left RocksDB in the middle of a write: close it, and open it again",
               Outcome::kNotApplied);
}

Error Store::WhileResuming() const {
  const Health health = health_->Get();
  return Error(health.no_space ? Code::kNoSpace : Code::kBusy,
               "writing is being taken up again after: " + health.message, Outcome::kNotApplied);
}

}  // namespace rocksdb_live
