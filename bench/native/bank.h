// A database of accounts under RocksDB's transactions. A balance is the first four bytes of a
// value.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "accounts.h"
#include "rocksdb/utilities/transaction.h"
#include "session.h"

namespace bench {

constexpr int32_t kBalance = 1000 * 1000;

enum class Locks { kPessimistic, kOptimistic };

// The key of every account.
class AccountKeys {
 public:
  AccountKeys();
  Slice operator[](uint32_t account) const {
    return Slice(bytes_.data() + account * kKeySize, kKeySize);
  }

 private:
  std::string bytes_;
};

// What is used again for one transaction after the other.
struct Lane {
  bool waits = true;  // for a lock
  std::unique_ptr<rocksdb::Transaction> transaction;
  rocksdb::PinnableSlice value;
  std::string from;
  std::string to;
};

class Bank {
 public:
  // Makes the database, with the full balance in every account.
  Bank(const Session& session, const std::string& directory, Locks locks);

  // Moves 1, again and again until it is committed.
  void Transfer(Lane& lane, uint32_t from, uint32_t to);

  // The two halves of it. Each returns false after a conflict: both have to be done again.
  bool Read(Lane& lane, uint32_t from, uint32_t to);
  bool Commit(Lane& lane, uint32_t from, uint32_t to);

  // Writes `next` where the account has `current`, else returns false.
  bool CompareAndWrite(Lane& lane, uint32_t account, const Slice& current, const Slice& next);

  void Put(uint32_t account, const Slice& value);

  // Ends the program where the balances are not all that there were.
  void CheckSum() const;

 private:
  // Whether the status is no conflict; rolls back where it is one.
  bool Succeeded(Lane& lane, const rocksdb::Status& status);
  void Begin(Lane& lane);
  rocksdb::Status ReadOne(Lane& lane, uint32_t account, std::string* value);

  AccountKeys keys_;
  rocksdb::WriteOptions write_;
  std::unique_ptr<rocksdb::DB> db_;
  std::function<rocksdb::Transaction*(rocksdb::Transaction*)> begin_;
};

}  // namespace bench
