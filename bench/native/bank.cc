#include "bank.h"

#include <cstring>

#include "rocksdb/utilities/optimistic_transaction_db.h"
#include "rocksdb/utilities/transaction_db.h"

namespace bench {
namespace {

int32_t BalanceOf(const Slice& value) {
  int32_t balance = 0;
  std::memcpy(&balance, value.data(), sizeof(balance));
  return balance;
}

void Add(std::string* value, int32_t amount) {
  const int32_t balance = BalanceOf(*value) + amount;
  std::memcpy(&(*value)[0], &balance, sizeof(balance));
}

bool IsConflict(const rocksdb::Status& status) {
  return status.IsBusy() || status.IsTryAgain() || status.IsTimedOut();
}

}  // namespace

AccountKeys::AccountKeys() : bytes_(kAccounts * kKeySize, '\0') {
  for (uint32_t i = 0; i < kAccounts; ++i) WriteKey(i, false, &bytes_[i * kKeySize]);
}

Bank::Bank(const Session& session, const std::string& directory, Locks locks) {
  const rocksdb::Options options = BuildOptions(session.settings.options);
  write_.disableWAL = !session.settings.wal;
  if (locks == Locks::kPessimistic) {
    rocksdb::TransactionDB* db = nullptr;
    Check(rocksdb::TransactionDB::Open(options, {}, directory, &db), "open");
    db_.reset(db);
    begin_ = [this, db](auto* old) { return db->BeginTransaction(write_, {}, old); };
  } else {
    rocksdb::OptimisticTransactionDB* db = nullptr;
    Check(rocksdb::OptimisticTransactionDB::Open(options, directory, &db), "open");
    db_.reset(db);
    begin_ = [this, db](auto* old) { return db->BeginTransaction(write_, {}, old); };
  }
  for (uint32_t i = 0; i < kAccounts; ++i) {
    std::string value = session.values[i].ToString();
    std::memcpy(&value[0], &kBalance, sizeof(kBalance));
    Put(i, value);
  }
}

void Bank::Put(uint32_t account, const Slice& value) {
  Check(db_->Put(write_, keys_[account], value), "put");
}

void Bank::Begin(Lane& lane) {
  lane.transaction.reset(begin_(lane.transaction.release()));
  if (!lane.waits) lane.transaction->SetLockTimeout(0);
}

rocksdb::Status Bank::ReadOne(Lane& lane, uint32_t account, std::string* value) {
  lane.value.Reset();
  const rocksdb::Status status = lane.transaction->GetForUpdate(
      rocksdb::ReadOptions(), db_->DefaultColumnFamily(), keys_[account], &lane.value);
  if (status.ok()) value->assign(lane.value.data(), lane.value.size());
  return status;
}

bool Bank::Succeeded(Lane& lane, const rocksdb::Status& status) {
  if (status.ok()) return true;
  if (!IsConflict(status)) Check(status, "transaction");
  Check(lane.transaction->Rollback(), "rollback");
  return false;
}

// The lock of the lower account comes first, so that no two transactions wait for each other.
bool Bank::Read(Lane& lane, uint32_t from, uint32_t to) {
  Begin(lane);
  const bool swapped = to < from;
  rocksdb::Status status = ReadOne(lane, swapped ? to : from, swapped ? &lane.to : &lane.from);
  if (status.ok()) status = ReadOne(lane, swapped ? from : to, swapped ? &lane.from : &lane.to);
  return Succeeded(lane, status);
}

bool Bank::Commit(Lane& lane, uint32_t from, uint32_t to) {
  Add(&lane.from, -1);
  Add(&lane.to, 1);
  rocksdb::Status status = lane.transaction->Put(keys_[from], lane.from);
  if (status.ok()) status = lane.transaction->Put(keys_[to], lane.to);
  if (status.ok()) status = lane.transaction->Commit();
  return Succeeded(lane, status);
}

void Bank::Transfer(Lane& lane, uint32_t from, uint32_t to) {
  while (!Read(lane, from, to) || !Commit(lane, from, to)) {
  }
}

bool Bank::CompareAndWrite(Lane& lane, uint32_t account, const Slice& current, const Slice& next) {
  Begin(lane);
  rocksdb::Status status = lane.transaction->GetForUpdate(
      rocksdb::ReadOptions(), db_->DefaultColumnFamily(), keys_[account], &lane.value);
  const bool same = status.ok() && lane.value == current;
  lane.value.Reset();
  if (status.ok() && !same) {
    Check(lane.transaction->Rollback(), "rollback");
    return false;
  }
  if (status.ok()) status = lane.transaction->Put(keys_[account], next);
  if (status.ok()) status = lane.transaction->Commit();
  return Succeeded(lane, status);
}

void Bank::CheckSum() const {
  int64_t sum = 0;
  std::string value;
  for (uint32_t i = 0; i < kAccounts; ++i) {
    Check(db_->Get(rocksdb::ReadOptions(), keys_[i], &value), "get");
    sum += BalanceOf(value);
  }
  if (sum != int64_t{kAccounts} * kBalance) Fail("the balances are " + std::to_string(sum));
}

}  // namespace bench
