// Locks on keys, which transactions take to be the next to write them. A waiter occupies no thread:
// its callback runs when its turn comes, in the order of the calls.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace rocksdb_live {

// The number of a transaction, as messages show it.
using TransactionId = uint64_t;

// A family's number, and a key of it.
using LockedKey = std::pair<uint32_t, std::string>;

// Any thread. Callbacks run without the mutex, on the thread that released a lock.
class LockTable {
 public:
  using Done = std::function<void(const Error&)>;

  struct Waiting {
    TransactionId transaction = 0;
    TransactionId holder = 0;
  };

  // Sets `taken` if the transaction has the lock, now or already. Otherwise it waits until `done`
  // is called; pass `ticket` to Cancel. Fails with kDeadlock, which names the cycle, and with
  // kLockTimeout if it would have to wait and `done` is null.
  Error Take(TransactionId transaction, uint32_t family, std::string_view key, Done done,
             uint64_t* ticket, bool* taken);
  // Takes the locks of these keys for a transaction that runs again after conflicts over them. They
  // are turns: commits of transactions that yield do not write past them. They are taken one after
  // another, in the order of the set, so those who take turns do not deadlock with each other.
  // Returns true if that is over at once, and calls `done` later otherwise. A lock that would
  // deadlock is skipped with all after it.
  bool TakeTurns(TransactionId transaction, const std::set<LockedKey>& keys, const Done& done);
  // Ends a wait with this error. Returns false if it has already ended.
  bool Cancel(uint64_t ticket, const Error& error);
  // Releases all of a transaction's locks and ends its waits.
  void ReleaseAll(TransactionId transaction, const Error& ended);
  // Whether the key is another transaction's turn.
  bool IsTurnOfAnother(TransactionId transaction, uint32_t family, std::string_view key) const;
  // Whether there are turns.
  bool has_turns() const { return turns_.load(std::memory_order_acquire) != 0; }

  // Whether anybody holds a lock, or did a moment ago.
  bool used() const { return used_.load(std::memory_order_acquire); }
  size_t HeldBy(TransactionId transaction) const;
  std::vector<Waiting> AllWaiting() const;

 private:
  using Name = std::string;  // key of a lock: the family in 4 bytes, then the key

  struct Waiter {
    TransactionId transaction;
    uint64_t ticket;
    Done done;
    bool turn;
  };
  using Waiters = std::list<Waiter>;
  struct Lock {
    TransactionId holder = 0;
    bool turn = false;
    Waiters waiters;
  };
  struct Wait {
    Name name;
    Waiters::iterator at;
  };
  // Callbacks collected under the mutex and called without it.
  using Tellings = std::vector<std::pair<Done, Error>>;

  struct Asking {
    TransactionId transaction;
    bool turn;
  };

  static Name NameOf(uint32_t family, std::string_view key);
  Error TakeNamed(const Asking& asking, const Name& name, Done done, uint64_t* ticket, bool* taken);
  bool TakeTurnsFrom(TransactionId transaction, const std::shared_ptr<std::vector<Name>>& names,
                     size_t at, const Done& done);
  void ContinueTurns(TransactionId transaction, const std::shared_ptr<std::vector<Name>>& names,
                     size_t at, const Done& done, const Error& error);
  void SetTurn(Lock* lock, bool turn);
  // Whom each wait is for: the waiter just before it, or, if it is the first, the lock's holder.
  TransactionId BlockerOf(const Wait& wait) const;
  // The path along waits from `from` to `to`; empty if there is none.
  std::vector<TransactionId> PathTo(TransactionId from, TransactionId to) const;
  void PassOn(const Name& name, Tellings* tellings);
  // Removes a wait and returns its callback.
  Done EndWait(Waiters* waiters, Waiters::iterator at);
  static void Tell(const Tellings& tellings);

  mutable std::mutex mutex_;
  std::atomic<bool> used_{false};
  std::atomic<size_t> turns_{0};
  uint64_t next_ticket_ = 1;
  std::unordered_map<Name, Lock> locks_;
  std::unordered_map<TransactionId, std::vector<Name>> held_;
  std::unordered_map<uint64_t, Wait> waits_;  // by ticket
  std::unordered_map<TransactionId, std::vector<uint64_t>> tickets_;
};

}  // namespace rocksdb_live
