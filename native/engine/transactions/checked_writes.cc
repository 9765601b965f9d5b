#include "engine/transactions/checked_writes.h"

#include <cstring>

#include "engine/base/read_options.h"
#include "engine/reads/expired.h"
#include "engine/reads/point_reads.h"

namespace rocksdb_live {

using rocksdb::PinnableSlice;
using rocksdb::Slice;
using rocksdb::Status;

namespace {

// A commit with more than this to compare does not run on a JavaScript thread.
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

bool TakeComparison(std::string_view* packed, PackedComparison* comparison) {
  uint32_t head[3];
  if (packed->size() < sizeof head) return false;
  std::memcpy(head, packed->data(), sizeof head);
  comparison->family = head[0];
  comparison->absent = head[2] == kMissing;
  const size_t key = head[1];
  const size_t value = comparison->absent ? 0 : head[2];
  const std::string_view rest = packed->substr(sizeof head);
  if (rest.size() < key || rest.size() - key < value) return false;
  comparison->key = rest.substr(0, key);
  comparison->value = rest.substr(key, value);
  packed->remove_prefix(sizeof head + key + value);
  return true;
}

// Brings the blocks into memory, so that Check, with the gate closed, rarely reads a disk.
void CompareAndWrite::Prepare() { static_cast<void>(Check(false)); }

bool CompareAndWrite::ReadsPending() const {
  if (window_ == nullptr) return false;
  ReadSet keys;
  PackedComparison comparison;
  std::string_view rest = packed_;
  for (const auto& of : families_) {
    if (!TakeComparison(&rest, &comparison)) break;
    keys.AddKey(of->id(), comparison.key);
  }
  keys.Prepare();
  return window_->IsPending(keys);
}

Result<Verdict> CompareAndWrite::Check(bool nowait) {
  const uint32_t flags = nowait ? uint32_t{kNoWait} : 0;
  const rocksdb::ReadOptions& options = PlainReadOptions(flags, nullptr);
  Expired expired(nullptr, flags);
  PinnableSlice value;
  PackedComparison comparison;
  std::string_view rest = packed_;
  for (const auto& of : families_) {
    if (of->dropped()) return Dropped(*of);
    if (!TakeComparison(&rest, &comparison)) return Verdict::kLeave;
    value.Reset();
    const Slice key(comparison.key.data(), comparison.key.size());
    Status status = of->db()->Get(options, of->handle(), key, &value);
    expired.Apply(*of, &value, &status);
    if (WouldWait(status, flags)) return Verdict::kWaits;
    if (!status.ok() && !status.IsNotFound()) {
      const Error error = Error::From(status);
      return Error(error.code(), error.message(), Outcome::kNotApplied);
    }
    const bool equal =
        status.ok() ? !comparison.absent && value == Slice(comparison.value) : comparison.absent;
    if (!equal) return Verdict::kLeave;
  }
  return Verdict::kWrite;
}

}  // namespace rocksdb_live
