// The two writes that are checked: a transaction's commit, and a write beside a comparison.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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
  Error early_;  // what Prepare found
};

// Compares keys with the values they must hold. Each comparison is packed: the family's number in 4
// bytes, the length of the key in 4, the length of the value in 4 (kMissing where the key must be
// absent), all little-endian; then the key and the value.
class CompareAndWrite : public CheckedWrite {
 public:
  // `families` are the families of the comparisons, in order. `packed` must be complete, and must
  // outlive this object unless it is kept.
  CompareAndWrite(std::vector<std::shared_ptr<Family>> families, std::string_view packed)
      : families_(std::move(families)), packed_(packed) {}

  void Keep() {
    kept_ = packed_;
    packed_ = kept_;
  }
  // Of a replica: where its keys may be pending.
  void Watch(const CommitWindow* window) { window_ = window; }
  void Prepare() override;
  bool ReadsPending() const override;
  Result<Verdict> Check(bool nowait) override;

 private:
  const std::vector<std::shared_ptr<Family>> families_;
  const CommitWindow* window_ = nullptr;
  std::string_view packed_;
  std::string kept_;
};

// One unpacked comparison.
struct PackedComparison {
  uint32_t family = 0;
  std::string_view key;
  std::string_view value;
  bool absent = false;
};

// Takes the first comparison off the front. Returns false if it is truncated.
bool TakeComparison(std::string_view* packed, PackedComparison* comparison);

}  // namespace rocksdb_live
