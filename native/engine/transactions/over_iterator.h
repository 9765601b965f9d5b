// A transaction's own writes laid over an iterator of the database, in both directions, as they
// were when the range was opened.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/reads/range_iterator.h"
#include "engine/reads/read_layer.h"
#include "rocksdb/iterator.h"

namespace rocksdb_live {

class Transaction;

class OverIterator : public rocksdb::Iterator {
 public:
  // The config, and the transaction that is its layer, must outlive it.
  OverIterator(std::unique_ptr<rocksdb::Iterator> base, const RangeConfig& config,
               const Transaction* transaction);

  bool Valid() const override { return at_ != At::kEnd; }
  void SeekToFirst() override;
  void SeekToLast() override;
  void Seek(const rocksdb::Slice& target) override;
  void SeekForPrev(const rocksdb::Slice& target) override;
  void Next() override { Move(false); }
  void Prev() override { Move(true); }
  rocksdb::Slice key() const override;
  rocksdb::Slice value() const override;
  rocksdb::Status status() const override;

 private:
  enum class At : uint8_t { kEnd, kBase, kOwn, kBoth };

  void Move(bool reverse);
  void SeekBase(const rocksdb::Slice& target);
  void StepBase();
  void SkipDeleted();
  // The nearest own key from there on, within the range.
  void FindOwn(const rocksdb::Slice& from, bool inclusive);
  // Decides which row is next.
  void Settle();
  bool SettleOwn(bool on_base);

  const std::unique_ptr<rocksdb::Iterator> base_;
  const RangeConfig& config_;
  const Transaction* const transaction_;
  bool reverse_ = false;
  At at_ = At::kEnd;
  bool has_own_ = false;
  std::string own_key_;
  OwnWrite own_;
  rocksdb::Status status_;
};

}  // namespace rocksdb_live
