#include "engine/transactions/checked_writes.h"

#include <utility>

#include "engine/base/read_options.h"

namespace rocksdb_live {

using rocksdb::PinnableSlice;
using rocksdb::Status;

namespace {

// More to go through is not for a JavaScript thread.
constexpr size_t kInlineWindowBytes = size_t{32} << 10;

Error Dropped(const Family& family) {
  return Error(Code::kDropped, "the column family \"" + family.name() + "\" was dropped",
               Outcome::kNotApplied);
}

}  // namespace

TransactionCommit::TransactionCommit(Transactions* transactions,
                                     std::shared_ptr<Transaction> transaction)
    : transactions_(transactions), transaction_(std::move(transaction)) {
  batch = transaction_->TakeBatch();
}

void TransactionCommit::Prepare() { early_ = transactions_->Check(transaction_.get(), batch); }

Result<Verdict> TransactionCommit::Check(bool nowait) {
  if (!early_.ok()) return early_;
  const uint64_t checked = transaction_->checked();
  if (nowait && transactions_->window().BytesSince(checked) > kInlineWindowBytes) {
    return Verdict::kWaits;
  }
  Error error = transactions_->Check(transaction_.get(), batch);
  if (!error.ok()) return error;
  return Verdict::kWrite;
}

void TransactionCommit::Written() { transaction_->committed = true; }

// The blocks are in memory then, mostly.
void CompareAndWrite::Prepare() { static_cast<void>(Check(false)); }

Result<Verdict> CompareAndWrite::Check(bool nowait) {
  const uint32_t flags = nowait ? uint32_t{kNoWait} : 0;
  const rocksdb::ReadOptions options = MakeReadOptions(flags, nullptr);
  PinnableSlice value;
  for (const Comparison& comparison : comparisons_) {
    const Family& family = *comparison.family;
    if (family.dropped()) return Dropped(family);
    value.Reset();
    const Status status = family.db()->Get(options, family.handle(), comparison.key, &value);
    if (WouldWait(status, flags)) return Verdict::kWaits;
    if (!status.ok() && !status.IsNotFound()) {
      const Error error = Error::From(status);
      return Error(error.code(), error.message(), Outcome::kNotApplied);
    }
    const bool equal = status.ok()
                           ? comparison.equals && value == rocksdb::Slice(*comparison.equals)
                           : !comparison.equals;
    if (!equal) return Verdict::kLeave;
  }
  return Verdict::kWrite;
}

}  // namespace rocksdb_live
