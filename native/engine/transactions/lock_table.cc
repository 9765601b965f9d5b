#include "engine/transactions/lock_table.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

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

void LockTable::Blockers(TransactionId transaction, std::vector<TransactionId>* found) const {
  const auto tickets = tickets_.find(transaction);
  if (tickets == tickets_.end()) return;
  for (const uint64_t ticket : tickets->second) {
    const Lock& lock = locks_.at(waits_.at(ticket));
    found->push_back(lock.holder);
    for (const Waiter& waiter : lock.waiters) {
      if (waiter.ticket == ticket) break;
      found->push_back(waiter.transaction);
    }
  }
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
    std::vector<TransactionId> blockers;
    Blockers(at, &blockers);
    for (const TransactionId blocker : blockers) {
      if (came_from.emplace(blocker, at).second) next.push_back(blocker);
    }
  }
  return {};
}

Error LockTable::Take(TransactionId transaction, uint32_t family, std::string_view key, Done done,
                      uint64_t* ticket, bool* taken) {
  std::lock_guard<std::mutex> guard(mutex_);
  const Name name = NameOf(family, key);
  used_.store(true, std::memory_order_release);
  const auto [found, made] = locks_.try_emplace(name);
  Lock& lock = found->second;
  *taken = made || lock.holder == transaction;
  if (made) {
    lock.holder = transaction;
    held_[transaction].push_back(name);
  }
  if (*taken) return Error();
  if (!done) {
    return Error(Code::kLockTimeout,
                 "the key is locked by " + TextOf(lock.holder) +
                     ", and a call on this thread does not wait for it",
                 Outcome::kNotApplied);
  }
  std::vector<TransactionId> before{lock.holder};
  for (const Waiter& waiter : lock.waiters) before.push_back(waiter.transaction);
  for (const TransactionId blocker : before) {
    std::vector<TransactionId> path = PathTo(blocker, transaction);
    if (path.empty()) continue;
    std::rotate(path.begin(), path.end() - 1, path.end());
    return Deadlock(path);
  }
  *ticket = next_ticket_++;
  lock.waiters.push_back({transaction, *ticket, std::move(done)});
  waits_.emplace(*ticket, name);
  tickets_[transaction].push_back(*ticket);
  return Error();
}

// The lock goes to who waits first, or away.
void LockTable::PassOn(const Name& name, Tellings* tellings) {
  Lock& lock = locks_.at(name);
  if (lock.waiters.empty()) {
    locks_.erase(name);
    return;
  }
  Waiter next = std::move(lock.waiters.front());
  lock.waiters.pop_front();
  lock.holder = next.transaction;
  held_[next.transaction].push_back(name);
  tellings->emplace_back(std::move(next.done), Error());
  waits_.erase(next.ticket);
  std::vector<uint64_t>& tickets = tickets_[next.transaction];
  tickets.erase(std::remove(tickets.begin(), tickets.end(), next.ticket), tickets.end());
  if (tickets.empty()) tickets_.erase(next.transaction);
  // The same transaction may wait for it twice.
  for (auto at = lock.waiters.begin(); at != lock.waiters.end();) {
    if (at->transaction != next.transaction) {
      ++at;
      continue;
    }
    tellings->emplace_back(std::move(at->done), Error());
    std::vector<uint64_t>& others = tickets_[at->transaction];
    others.erase(std::remove(others.begin(), others.end(), at->ticket), others.end());
    if (others.empty()) tickets_.erase(at->transaction);
    waits_.erase(at->ticket);
    at = lock.waiters.erase(at);
  }
}

void LockTable::Tell(Tellings tellings) {
  for (auto& [done, error] : tellings) done(error);
}

bool LockTable::Cancel(uint64_t ticket, const Error& error) {
  Tellings tellings;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto wait = waits_.find(ticket);
    if (wait == waits_.end()) return false;
    std::deque<Waiter>& waiters = locks_.at(wait->second).waiters;
    const auto waiter = std::find_if(waiters.begin(), waiters.end(), [ticket](const Waiter& each) {
      return each.ticket == ticket;
    });
    tellings.emplace_back(std::move(waiter->done), error);
    std::vector<uint64_t>& tickets = tickets_[waiter->transaction];
    tickets.erase(std::remove(tickets.begin(), tickets.end(), ticket), tickets.end());
    if (tickets.empty()) tickets_.erase(waiter->transaction);
    waiters.erase(waiter);
    waits_.erase(wait);
  }
  Tell(std::move(tellings));
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
  Tell(std::move(tellings));
}

size_t LockTable::HeldBy(TransactionId transaction) const {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto held = held_.find(transaction);
  return held == held_.end() ? 0 : held->second.size();
}

std::vector<LockTable::Waiting> LockTable::AllWaiting() const {
  std::lock_guard<std::mutex> guard(mutex_);
  std::vector<Waiting> all;
  for (const auto& [ticket, name] : waits_) {
    const Lock& lock = locks_.at(name);
    for (const Waiter& waiter : lock.waiters) {
      if (waiter.ticket == ticket) all.push_back({waiter.transaction, lock.holder});
    }
  }
  return all;
}

}  // namespace rocksdb_live
