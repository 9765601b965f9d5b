// The two writes that are checked: a transaction's commit, and a write beside a comparison.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/transactions/transactions.h"
#include "engine/writes/checked_write.h"

namespace rocksdb_live {

class TransactionCommit : public CheckedWrite {
 public:
  TransactionCommit(Transactions* transactions, std::shared_ptr<Transaction> transaction);

  void Prepare() override;
  Result<Verdict> Check(bool nowait) override;
  void Written() override;

 private:
  Transactions* const transactions_;
  const std::shared_ptr<Transaction> transaction_;
  Error early_;  // what Prepare has found
};

// A key, and what it must hold: nothing where there is no value.
struct Comparison {
  std::shared_ptr<Family> family;
  std::string key;
  std::optional<std::string> equals;
};

class CompareAndWrite : public CheckedWrite {
 public:
  explicit CompareAndWrite(std::vector<Comparison> comparisons)
      : comparisons_(std::move(comparisons)) {}

  void Prepare() override;
  Result<Verdict> Check(bool nowait) override;

 private:
  const std::vector<Comparison> comparisons_;
};

}  // namespace rocksdb_live
