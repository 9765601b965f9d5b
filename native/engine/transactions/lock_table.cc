#include "engine/transactions/lock_table.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <iterator>
#include <utility>

namespace rocksdb_live {
namespace {

std::string TextOf(TransactionId transaction) {
  return "transaction " + std::to_string(transaction);
}

Error Deadlock(const std::vector<TransactionId>& cycle) {
  std::string text = "waiting for this key would never end: ";
  for (const TransactionId each : cycle) text += TextOf(each) + " waits for ";
  text += TextOf(cycle.front()) + "; this transaction is to be rolled back, and tried again";
  return Error(Code::kDeadlock, text, Outcome::kNotApplied);
}

}  // namespace

LockTable::Name LockTable::NameOf(uint32_t family, std::string_view key) {
  Name name(sizeof family, '\0');
  std::memcpy(name.data(), &family, sizeof family);
  return name.append(key);
}

TransactionId LockTable::BlockerOf(const Wait& wait) const {
  const Lock& lock = locks_.at(wait.name);
  const Waiters::const_iterator at = wait.at;
  return at == lock.waiters.begin() ? lock.holder : std::prev(at)->transaction;
}

std::vector<TransactionId> LockTable::PathTo(TransactionId from, TransactionId to) const {
  std::unordered_map<TransactionId, TransactionId> came_from{{from, 0}};
  std::deque<TransactionId> next{from};
  while (!next.empty()) {
    const TransactionId at = next.front();
    next.pop_front();
    if (at == to) {
      std::vector<TransactionId> path;
      for (TransactionId step = at; step != 0; step = came_from[step]) path.push_back(step);
      std::reverse(path.begin(), path.end());
      return path;
    }
    const auto tickets = tickets_.find(at);
    if (tickets == tickets_.end()) continue;
    for (const uint64_t ticket : tickets->second) {
      const TransactionId blocker = BlockerOf(waits_.at(ticket));
      if (came_from.emplace(blocker, at).second) next.push_back(blocker);
    }
  }
  return {};
}

Error LockTable::Take(TransactionId transaction, uint32_t family, std::string_view key, Done done,
                      uint64_t* ticket, bool* taken) {
  std::lock_guard<std::mutex> guard(mutex_);
  return TakeNamed({transaction, false}, NameOf(family, key), std::move(done), ticket, taken);
}

bool LockTable::TakeTurns(TransactionId transaction, const std::set<LockedKey>& keys,
                          const Done& done) {
  auto names = std::make_shared<std::vector<Name>>();
  for (const auto& [family, key] : keys) names->push_back(NameOf(family, key));
  std::lock_guard<std::mutex> guard(mutex_);
  return TakeTurnsFrom(transaction, names, 0, done);
}

bool LockTable::TakeTurnsFrom(TransactionId transaction,
                              const std::shared_ptr<std::vector<Name>>& names, size_t at,
                              const Done& done) {
  for (; at < names->size(); ++at) {
    Done next;
    if (done) {
      next = [this, transaction, names, at, done](const Error& error) {
        ContinueTurns(transaction, names, at, done, error);
      };
    }
    uint64_t ticket = 0;
    bool taken = false;
    const Error error =
        TakeNamed({transaction, true}, (*names)[at], std::move(next), &ticket, &taken);
    if (!error.ok()) return true;
    if (!taken) return false;
  }
  return true;
}

void LockTable::ContinueTurns(TransactionId transaction,
                              const std::shared_ptr<std::vector<Name>>& names, size_t at,
                              const Done& done, const Error& error) {
  if (!error.ok()) {
    done(error);
    return;
  }
  bool over = true;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    // It may have ended since it was given this one.
    const auto given = locks_.find((*names)[at]);
    const bool lives = given != locks_.end() && given->second.holder == transaction;
    if (lives) over = TakeTurnsFrom(transaction, names, at + 1, done);
  }
  if (over) done(Error());
}

bool LockTable::IsTurnOfAnother(TransactionId transaction, uint32_t family,
                                std::string_view key) const {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto found = locks_.find(NameOf(family, key));
  return found != locks_.end() && found->second.turn && found->second.holder != transaction;
}

void LockTable::SetTurn(Lock* lock, bool turn) {
  if (lock->turn == turn) return;
  lock->turn = turn;
  if (turn) {
    turns_.fetch_add(1, std::memory_order_acq_rel);
  } else {
    turns_.fetch_sub(1, std::memory_order_acq_rel);
  }
}

Error LockTable::TakeNamed(const Asking& asking, const Name& name, Done done, uint64_t* ticket,
                           bool* taken) {
  const TransactionId transaction = asking.transaction;
  used_.store(true, std::memory_order_release);
  const auto [found, made] = locks_.try_emplace(name);
  Lock& lock = found->second;
  *taken = made || lock.holder == transaction;
  if (made) {
    lock.holder = transaction;
    held_[transaction].push_back(name);
  }
  if (*taken) {
    if (asking.turn) SetTurn(&lock, true);
    return Error();
  }
  if (!done) {
    return Error(Code::kLockTimeout,
                 "the key is locked by " + TextOf(lock.holder) +
                     ", and a call on this thread does not wait for it",
                 Outcome::kNotApplied);
  }
  // A transaction that holds no lock and waits for none cannot be part of a cycle.
  if (held_.count(transaction) != 0 || tickets_.count(transaction) != 0) {
    const TransactionId blocker =
        lock.waiters.empty() ? lock.holder : lock.waiters.back().transaction;
    std::vector<TransactionId> path = PathTo(blocker, transaction);
    // A path of length one is not a deadlock: a transaction may wait for the same key twice.
    if (!path.empty() && path.size() > 1) {
      std::rotate(path.begin(), path.end() - 1, path.end());
      return Deadlock(path);
    }
  }
  *ticket = next_ticket_++;
  lock.waiters.push_back({transaction, *ticket, std::move(done), asking.turn});
  waits_.emplace(*ticket, Wait{name, std::prev(lock.waiters.end())});
  tickets_[transaction].push_back(*ticket);
  return Error();
}

LockTable::Done LockTable::EndWait(Waiters* waiters, Waiters::iterator at) {
  Done done = std::move(at->done);
  std::vector<uint64_t>& tickets = tickets_[at->transaction];
  tickets.erase(std::remove(tickets.begin(), tickets.end(), at->ticket), tickets.end());
  if (tickets.empty()) tickets_.erase(at->transaction);
  waits_.erase(at->ticket);
  waiters->erase(at);
  return done;
}

// Passes the lock to the first waiter, or removes it if nobody waits.
void LockTable::PassOn(const Name& name, Tellings* tellings) {
  Lock& lock = locks_.at(name);
  SetTurn(&lock, false);
  if (lock.waiters.empty()) {
    locks_.erase(name);
    return;
  }
  lock.holder = lock.waiters.front().transaction;
  held_[lock.holder].push_back(name);
  // The same transaction may be waiting for this key more than once.
  for (auto at = lock.waiters.begin(); at != lock.waiters.end();) {
    const auto next = std::next(at);
    if (at->transaction == lock.holder) {
      if (at->turn) SetTurn(&lock, true);
      tellings->emplace_back(EndWait(&lock.waiters, at), Error());
    }
    at = next;
  }
}

void LockTable::Tell(const Tellings& tellings) {
  for (auto& [done, error] : tellings) done(error);
}

bool LockTable::Cancel(uint64_t ticket, const Error& error) {
  Tellings tellings;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto wait = waits_.find(ticket);
    if (wait == waits_.end()) return false;
    Waiters& waiters = locks_.at(wait->second.name).waiters;
    tellings.emplace_back(EndWait(&waiters, wait->second.at), error);
  }
  Tell(tellings);
  return true;
}

void LockTable::ReleaseAll(TransactionId transaction, const Error& ended) {
  std::vector<uint64_t> waiting;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto tickets = tickets_.find(transaction);
    if (tickets != tickets_.end()) waiting = tickets->second;
  }
  for (const uint64_t ticket : waiting) static_cast<void>(Cancel(ticket, ended));
  Tellings tellings;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto held = held_.find(transaction);
    if (held == held_.end()) return;
    const std::vector<Name> names = std::move(held->second);
    held_.erase(held);
    for (const Name& name : names) PassOn(name, &tellings);
    used_.store(!locks_.empty(), std::memory_order_release);
  }
  Tell(tellings);
}

size_t LockTable::HeldBy(TransactionId transaction) const {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto held = held_.find(transaction);
  return held == held_.end() ? 0 : held->second.size();
}

std::vector<LockTable::Waiting> LockTable::AllWaiting() const {
  std::lock_guard<std::mutex> guard(mutex_);
  std::vector<Waiting> all;
  all.reserve(waits_.size());
  for (const auto& [ticket, wait] : waits_) {
    all.push_back({wait.at->transaction, locks_.at(wait.name).holder});
  }
  return all;
}

}  // namespace rocksdb_live
