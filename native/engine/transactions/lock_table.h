// Locks of keys that transactions take to be the next to write them. Who must wait holds no thread:
// it is told when its turn has come, in the order of the calls.
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

// The number of a transaction, by which people are told of it.
using TransactionId = uint64_t;

// A family's number, and a key of it.
using LockedKey = std::pair<uint32_t, std::string>;

// Any thread. What it tells is told on the thread that let a lock go, without its mutex.
class LockTable {
 public:
  using Done = std::function<void(const Error&)>;

  struct Waiting {
    TransactionId transaction = 0;
    TransactionId holder = 0;
  };

  // True where the lock is this transaction's at once, or was already. False where it waits, which
  // `done` ends; `ticket` is what Cancel takes. Fails with kDeadlock, which names the cycle, and
  // with kLockTimeout where it would have to wait and `done` is null.
  Error Take(TransactionId transaction, uint32_t family, std::string_view key, Done done,
             uint64_t* ticket, bool* taken);
  // The same for a transaction that runs again after conflicts over these keys: its locks are
  // turns, which others that run their functions do not write past. Takes them one after another;
  // as all take them in one order, they do not wait for each other in a ring. True where that is
  // over at once: what it cannot have, because waiting would never end, it goes without.
  bool TakeTurns(TransactionId transaction, const std::set<LockedKey>& keys, Done done);
  // Ends a wait with this error; false where it has ended before.
  bool Cancel(uint64_t ticket, const Error& error);
  // Lets go of all that a transaction has, and ends what it waits for.
  void ReleaseAll(TransactionId transaction, const Error& ended);
  // Whether the key is another transaction's turn.
  bool IsTurnOfAnother(TransactionId transaction, uint32_t family, std::string_view key) const;
  // Whether there are turns.
  bool has_turns() const { return turns_.load(std::memory_order_acquire) != 0; }

  // Whether anybody has a lock, or had one a moment ago.
  bool used() const { return used_.load(std::memory_order_acquire); }
  size_t HeldBy(TransactionId transaction) const;
  std::vector<Waiting> AllWaiting() const;

 private:
  using Name = std::string;  // of a lock: the family in 4 bytes, then the key

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
  // What has been found out under the mutex and is told without it.
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
  // Whom each wait is for: who waits just before it, and where it is the first, who has the lock.
  TransactionId BlockerOf(const Wait& wait) const;
  // From `from` to `to` along those who wait; empty where there is no such path.
  std::vector<TransactionId> PathTo(TransactionId from, TransactionId to) const;
  void PassOn(const Name& name, Tellings* tellings);
  // Takes a wait out, and what would have told of its end.
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
