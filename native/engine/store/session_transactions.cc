// A session's transactions: how they begin, lock, and commit.
#include <utility>

#include "engine/base/exceptions.h"
#include "engine/base/read_options.h"
#include "engine/store/session.h"

namespace rocksdb_live {
namespace {

// Larger batches go to the queue; see session_writes.cc.
constexpr size_t kInlineBytes = size_t{32} << 10;

Error NotBegun() { return Error(Code::kBusy, "the transaction has not begun"); }

Error WithoutSnapshots() {
  return Error(Code::kNotSupported,
               "transactions need snapshots, and this database has none "
               "(rocksdb.columnFamily.inplace_update_support)",
               Outcome::kNotApplied);
}

Error CheckView(const Transaction& transaction) {
  return transaction.snapshot()->get() == nullptr ? WithoutSnapshots() : Error();
}

}  // namespace

Result<BegunTransaction> Session::BeginTransaction(Isolation isolation) {
  const std::shared_ptr<Transaction> made = store_->transactions().Make(isolation);
  BegunTransaction begun;
  begun.id = made->id();
  begun.started = store_->transactions().TryStart(made.get(), db());
  if (begun.started) {
    Error error = CheckView(*made);
    if (!error.ok()) return error;
  }
  begun.number = resources_.Add(made);
  return begun;
}

std::shared_ptr<Transaction> Session::FindStarted(uint32_t transaction, Error* error) const {
  std::shared_ptr<Transaction> found = resources_.FindIdle<Transaction>(transaction, error);
  if (found && !found->snapshot()) {
    *error = NotBegun();
    return nullptr;
  }
  return found;
}

Result<bool> Session::TryStart(uint32_t transaction) {
  Error error;
  const std::shared_ptr<Transaction> found = resources_.FindIdle<Transaction>(transaction, &error);
  if (!found) return error;
  if (found->started()) return true;
  if (!store_->transactions().TryStart(found.get(), db())) return false;
  error = CheckView(*found);
  if (!error.ok()) return error;
  return true;
}

Error Session::StartNow(uint32_t transaction) {
  Error error;
  const std::shared_ptr<Transaction> found = resources_.FindIdle<Transaction>(transaction, &error);
  if (!found || found->started()) return error;
  Transactions::Start(found.get(), store_->transactions().Begin(db()));
  return CheckView(*found);
}

Error Session::StartElsewhere(uint32_t transaction,
                              std::function<void(uint32_t attempt, const Error&)> done) {
  Error error;
  const std::shared_ptr<Transaction> found = resources_.FindIdle<Transaction>(transaction, &error);
  if (!found) return error;
  // Not on the pool: this may wait for an fsync.
  RunOnOwnThread([lease = TakeLease(), self = this, db = db(),
                  transactions = &store_->transactions(), transaction, attempt = found->attempt(),
                  done = std::move(done)]() mutable {
    const Error outcome = Caught([&] {
      Beginning beginning = transactions->Begin(db);
      std::lock_guard<std::mutex> lock(self->mutex_);
      self->beginnings_[{transaction, attempt}] = std::move(beginning);
      return Error();
    });
    done(attempt, outcome);
    done = nullptr;
    lease.reset();
  });
  return error;
}

void Session::TakeStart(uint32_t transaction, uint32_t attempt) {
  decltype(beginnings_)::node_type taken;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    taken = beginnings_.extract({transaction, attempt});
  }
  Error error;
  const std::shared_ptr<Transaction> found = resources_.Find<Transaction>(transaction, &error);
  if (taken && found && found->attempt() == attempt && !found->started()) {
    Transactions::Start(found.get(), std::move(taken.mapped()));
  }
}

Result<Turn> Session::Retry(uint32_t transaction, const std::function<void(const Error&)>& done) {
  Error error;
  const std::shared_ptr<Transaction> found = resources_.Find<Transaction>(transaction, &error);
  if (!found) return error;
  resources_.SetBusy(transaction, false);
  return store_->transactions().Retry(found.get(), done);
}

Error Session::AppendTo(uint32_t transaction, std::string_view batch) {
  Error error;
  const std::shared_ptr<Transaction> found = resources_.FindIdle<Transaction>(transaction, &error);
  return found ? found->Append(batch) : error;
}

Error Session::RollBackTo(uint32_t transaction, size_t bytes, uint32_t count) {
  Error error;
  const std::shared_ptr<Transaction> found = resources_.FindIdle<Transaction>(transaction, &error);
  if (found) found->RollBackTo(bytes, count);
  return error;
}

Error Session::NoteRange(uint32_t transaction, uint32_t family, const Range& range) {
  Error error;
  const std::shared_ptr<Transaction> found = resources_.FindIdle<Transaction>(transaction, &error);
  if (!found) return error;
  found->NoteRange({family, range.lower.value_or(std::string()), range.upper});
  return error;
}

Result<uint64_t> Session::Lock(uint32_t transaction, uint32_t family, std::string_view key,
                               std::function<void(const Error&)> done) {
  Error error;
  const std::shared_ptr<Transaction> found = FindStarted(transaction, &error);
  if (!found) return error;
  if (!FindFamily(family, &error)) return error;
  Transactions& transactions = store_->transactions();
  uint64_t ticket = 0;
  bool taken = false;
  error = transactions.locks().Take(found->id(), family, key, std::move(done), &ticket, &taken);
  if (error.code() == Code::kDeadlock) transactions.Count(TransactionCount::kDeadlock);
  if (error.code() == Code::kLockTimeout) transactions.Count(TransactionCount::kLockTimeout);
  if (!error.ok()) return error;
  if (!taken) transactions.Count(TransactionCount::kLockWait);
  return taken ? 0 : ticket;
}

void Session::CancelLock(uint64_t ticket) {
  const Error late(Code::kLockTimeout,
                   "the key stayed locked by another transaction for longer than lockTimeoutMs",
                   Outcome::kNotApplied);
  Transactions& transactions = store_->transactions();
  if (transactions.locks().Cancel(ticket, late)) transactions.Count(TransactionCount::kLockTimeout);
}

Error Session::ReadLocked(uint32_t transaction, uint32_t family, std::string_view key,
                          bool may_renew) {
  Error error;
  const std::shared_ptr<Transaction> found = FindStarted(transaction, &error);
  if (!found) return error;
  const std::shared_ptr<Family>& of = FindFamily(family, &error);
  if (!of) return error;
  error = store_->transactions().Refresh(found.get(), db(), *of, key, may_renew);
  if (error.ok()) found->NoteKey(family, key, true);
  return error;
}

Error Session::CheckAge(Transaction* transaction) {
  if (!store_->expires()) return Error();
  transaction->Mark();
  for (const std::shared_ptr<Family>& family : AllFamilies()) {
    const Expiry* const expiry = family->expiry();
    if (expiry != nullptr && transaction->Touches(family->id())) transaction->NoteExpiry(*expiry);
  }
  if (!transaction->IsTooOld()) return Error();
  return Error(Code::kSnapshotTooOld,
               "the transaction has used a column family whose rows expire, and is older than it "
               "keeps those that have: rows that it should see may be gone. Make it shorter",
               Outcome::kNotApplied);
}

Result<bool> Session::CommitTransaction(uint32_t transaction, std::string_view rest, uint32_t flags,
                                        std::function<void(const Error&)> done) {
  Error error;
  const std::shared_ptr<Transaction> found = FindStarted(transaction, &error);
  if (found) error = found->Append(rest);
  if (error.ok()) error = CheckAge(found.get());
  if (!error.ok()) return error;
  if (!found->must_check()) {
    found->committed = true;
    EndTransaction(transaction);
    return true;
  }
  found->yields = (flags & kYields) != 0;
  flags &= ~kYields;
  auto commit = std::make_shared<TransactionCommit>(&store_->transactions(), found);
  const bool small = (flags & kSync) == 0 && commit->batch.size() <= kInlineBytes;
  if (small && store_->MayWriteInline()) {
    const bool tried = store_->TryWriteChecked(commit.get(), flags | kNoSlowdown, &error);
    const bool stalled = error.code() == Code::kBusy && (flags & kNoSlowdown) == 0;
    if (tried && error.ok()) {
      EndTransaction(transaction);
      return true;
    }
    if (tried && !stalled) return error;
  }
  resources_.SetBusy(transaction, true);
  store_->commits().SubmitChecked(std::move(commit), flags, std::move(done), TakeLease());
  return false;
}

Error Session::CommitTransactionNow(uint32_t transaction, std::string_view rest, uint32_t flags) {
  Error error;
  const std::shared_ptr<Transaction> found = FindStarted(transaction, &error);
  if (found) error = found->Append(rest);
  if (error.ok()) error = CheckAge(found.get());
  if (!error.ok()) return error;
  found->committed = !found->must_check();
  if (!found->committed && store_->replica() != nullptr) return NoneAtOnce();
  if (!found->committed) {
    auto commit = std::make_shared<TransactionCommit>(&store_->transactions(), found);
    error = store_->commits().idle() ? store_->WriteChecked({commit.get()}, flags).front()
                                     : store_->commits().SubmitCheckedAndWait(commit, flags);
  }
  if (error.ok()) EndTransaction(transaction);
  return error;
}

void Session::EndTransaction(uint32_t transaction) {
  Error error;
  const std::shared_ptr<Transaction> found = resources_.Find<Transaction>(transaction, &error);
  if (!found) return;
  resources_.End(transaction);
  // A scan in progress may still hold it.
  store_->transactions().End(found.get());
}

}  // namespace rocksdb_live
