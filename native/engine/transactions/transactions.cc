#include "engine/transactions/transactions.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/writes/batch_check.h"

namespace rocksdb_live {
namespace {

// In batches that are longer, the rest is written past turns, which only costs their holders an
// attempt.
constexpr size_t kMostTurnsLookedFor = 4096;

// Keys that a transaction waits for before it runs again.
constexpr size_t kMostTurns = 64;

Error Done() {
  return Error(Code::kTransactionDone, "the transaction has ended", Outcome::kNotApplied);
}

}  // namespace

std::shared_ptr<Transaction> Transactions::Make(Isolation isolation) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto made = std::make_shared<Transaction>(this, next_id_++, isolation);
  open_.emplace(made->id(), made.get());
  return made;
}

Beginning Transactions::BeginClosed(rocksdb::DB* db) {
  if (!window_.tracking()) window_.StartTracking();
  Beginning beginning(&window_, window_.Join());
  beginning.snapshot = std::make_shared<Snapshot>(db);
  return beginning;
}

Beginning Transactions::Begin(rocksdb::DB* db) {
  const GateClosed closed(gate_);
  return BeginClosed(db);
}

void Transactions::Start(Transaction* transaction, Beginning beginning) {
  transaction->Start(beginning.TakeTicket(), std::move(beginning.snapshot));
}

bool Transactions::TryStart(Transaction* transaction, rocksdb::DB* db) {
  const uint64_t ticket = snapshots_move_ ? 0 : window_.Join();
  if (ticket != 0) {
    Beginning beginning(&window_, ticket);
    beginning.snapshot = std::make_shared<Snapshot>(db);
    Start(transaction, std::move(beginning));
    return true;
  }
  if (!gate_->TryClose()) return false;
  const GateClosed closed(gate_, std::adopt_lock);
  Start(transaction, BeginClosed(db));
  return true;
}

void Transactions::End(Transaction* transaction) {
  if (transaction->ended.exchange(true)) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    open_.erase(transaction->id());
  }
  if (transaction->started()) window_.Leave(transaction->start());
  if (locks_.used()) locks_.ReleaseAll(transaction->id(), Done());
  Count(transaction->committed ? TransactionCount::kCommitted : TransactionCount::kRolledBack);
}

Turn Transactions::Retry(Transaction* transaction, const std::function<void(const Error&)>& done) {
  Count(TransactionCount::kRetry);
  if (transaction->started()) window_.Leave(transaction->start());
  const TransactionId id = transaction->id();
  locks_.ReleaseAll(id, Done());
  Clash clash = std::exchange(transaction->clash, Clash());
  transaction->Reset();
  std::set<LockedKey>& turns = transaction->turns;
  if (clash.kind == Clash::Kind::kKey && turns.size() < kMostTurns) {
    turns.emplace(clash.family, std::move(clash.key));
  }
  const bool all = locks_.TakeTurns(id, turns, done);
  if (!all) return Turn::kWaits;
  return clash.kind == Clash::Kind::kKey ? Turn::kNow : Turn::kFree;
}

Clash Transactions::TurnOfAnother(const Transaction& transaction,
                                  const rocksdb::Slice& batch) const {
  BatchWalk walk(batch);
  BatchRecord record;
  for (size_t left = kMostTurnsLookedFor; left != 0 && walk.Next(&record); --left) {
    const std::string_view key(record.key.data(), record.key.size());
    if (!locks_.IsTurnOfAnother(transaction.id(), record.family, key)) continue;
    return {Clash::Kind::kKey, record.family, std::string(key)};
  }
  return {};
}

Error Transactions::Describe(Transaction* transaction, Clash clash) {
  const Clash::Kind kind = clash.kind;
  transaction->clash = std::move(clash);
  switch (kind) {
    case Clash::Kind::kNone:
      return Error();
    case Clash::Kind::kTooOld:
      Count(TransactionCount::kTooOld);
      return Error(Code::kTransactionTooOld,
                   "more was written since the transaction began than is kept to compare with "
                   "(transactionWindowMb): make it shorter, and try it again",
                   Outcome::kNotApplied);
    case Clash::Kind::kKey:
      Count(TransactionCount::kConflictKey);
      return Error(Code::kConflict,
                   "a key that the transaction has read or writes was written by others since it "
                   "began: try it again",
                   Outcome::kNotApplied);
    case Clash::Kind::kRange:
      break;
  }
  Count(TransactionCount::kConflictRange);
  return Error(Code::kConflict,
               "a range, or a family, with what the transaction has read or writes was deleted by "
               "others since "
               "it began: try it again",
               Outcome::kNotApplied);
}

Error Transactions::Check(Transaction* transaction, const rocksdb::Slice& batch) {
  if (transaction->yields && locks_.has_turns()) {
    Clash clash = TurnOfAnother(*transaction, batch);
    if (clash.kind != Clash::Kind::kNone) return Describe(transaction, std::move(clash));
  }
  if (window_.newest() <= transaction->checked()) return Error();
  uint64_t until = 0;
  Clash clash = window_.Check(transaction->ChecksOf(batch), transaction->checked(), &until);
  if (clash.kind != Clash::Kind::kNone) return Describe(transaction, std::move(clash));
  transaction->set_checked(until);
  return Error();
}

Error Transactions::Refresh(Transaction* transaction, rocksdb::DB* db, const Family& family,
                            std::string_view key, bool may_renew) {
  if (window_.newest() <= transaction->checked()) return Error();
  ReadSet one;
  one.AddKey(family.id(), key);
  one.Prepare();
  uint64_t until = 0;
  Clash clash = window_.Check(one, transaction->checked(), &until);
  if (clash.kind == Clash::Kind::kNone) return Error();
  if (clash.kind == Clash::Kind::kTooOld) return Describe(transaction, std::move(clash));
  // A view taken now would not have it, either.
  if (window_.IsPending(one)) return Describe(transaction, std::move(clash));
  // Others have written the key. If everything read so far is unchanged, the view can be renewed.
  // With kSnapshot reads are not recorded, so there must have been none.
  const bool fresh = transaction->reads() == 0 && !transaction->has_writes();
  if (!may_renew || (transaction->isolation() == Isolation::kSnapshot && !fresh)) {
    return Describe(transaction, std::move(clash));
  }
  Clash other = window_.Check(transaction->Reads(), transaction->checked(), &until);
  if (other.kind != Clash::Kind::kNone) return Describe(transaction, std::move(other));
  until = std::min(until, window_.Settled());
  const auto take = [db] { return std::make_shared<Snapshot>(db); };
  if (!snapshots_move_) {
    if (transaction->Renew(until, take)) return Error();
  } else if (gate_->TryClose()) {
    const GateClosed closed(gate_, std::adopt_lock);
    if (transaction->Renew(until, take)) return Error();
  }
  return Describe(transaction, std::move(clash));
}

std::vector<OpenTransaction> Transactions::Open() const {
  std::unordered_map<uint64_t, std::vector<uint64_t>> waits;
  for (const LockTable::Waiting& each : locks_.AllWaiting()) {
    waits[each.transaction].push_back(each.holder);
  }
  std::vector<OpenTransaction> all;
  std::lock_guard<std::mutex> lock(mutex_);
  const auto now = Transaction::Clock::now();
  for (const auto& [id, transaction] : open_) {
    OpenTransaction open;
    open.id = id;
    open.isolation = transaction->isolation();
    open.age_seconds = std::chrono::duration<double>(now - transaction->since()).count();
    open.reads = transaction->reads();
    open.writes = transaction->writes();
    open.locks = locks_.HeldBy(id);
    open.waits_for = waits[id];
    all.push_back(std::move(open));
  }
  return all;
}

size_t Transactions::open() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return open_.size();
}

double Transactions::OldestAgeSeconds() const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (open_.empty()) return 0;
  // Numbers ascend with time.
  const auto age = Transaction::Clock::now() - open_.begin()->second->since();
  return std::chrono::duration<double>(age).count();
}

}  // namespace rocksdb_live
