#include "engine/base/wide_columns.h"

#include <vector>

#include "rocksdb/iterator.h"
#include "rocksdb/utilities/stackable_db.h"
#include "rocksdb/wide_columns.h"

namespace rocksdb_live {
namespace {

using rocksdb::ColumnFamilyHandle;
using rocksdb::PinnableSlice;
using rocksdb::PinnableWideColumns;
using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::Status;

bool IsPlain(const rocksdb::WideColumns& columns) {
  return columns.size() == 1 && columns.front().name() == rocksdb::kDefaultWideColumnName;
}

Status Refusal() {
  return Status::NotSupported(
      "the value has columns (another program wrote it with PutEntity), which this package does "
      "not "
      "read");
}

Status Take(const PinnableWideColumns& columns, PinnableSlice* value) {
  if (!IsPlain(columns.columns())) return Refusal();
  value->PinSelf(columns.columns().front().value());
  return Status::OK();
}

// Ends at a value with columns as at a damaged block: invalid, with a status.
class PlainIterator : public rocksdb::Iterator {
 public:
  explicit PlainIterator(rocksdb::Iterator* target) : target_(target) {}

  bool Valid() const override { return !refused_ && target_->Valid(); }
  void SeekToFirst() override {
    Move([this] { target_->SeekToFirst(); });
  }
  void SeekToLast() override {
    Move([this] { target_->SeekToLast(); });
  }
  void Seek(const Slice& key) override {
    Move([&] { target_->Seek(key); });
  }
  void SeekForPrev(const Slice& key) override {
    Move([&] { target_->SeekForPrev(key); });
  }
  void Next() override {
    Move([this] { target_->Next(); });
  }
  void Prev() override {
    Move([this] { target_->Prev(); });
  }
  Slice key() const override { return target_->key(); }
  Slice value() const override { return target_->value(); }
  Status status() const override { return refused_ ? Refusal() : target_->status(); }
  Status Refresh() override { return target_->Refresh(); }
  Status GetProperty(std::string name, std::string* property) override {
    return target_->GetProperty(std::move(name), property);
  }

 private:
  template <typename How>
  void Move(How how) {
    how();
    refused_ = target_->Valid() && !IsPlain(target_->columns());
  }

  const std::unique_ptr<rocksdb::Iterator> target_;
  bool refused_ = false;
};

class PlainValues : public rocksdb::StackableDB {
 public:
  // A shared pointer, which every version of RocksDB accepts.
  explicit PlainValues(std::shared_ptr<rocksdb::DB> db) : StackableDB(std::move(db)) {}

  using StackableDB::Get;
  Status Get(const ReadOptions& options, ColumnFamilyHandle* family, const Slice& key,
             PinnableSlice* value, std::string* timestamp) override {
    static_cast<void>(timestamp);  // of databases that are not opened here
    PinnableWideColumns columns;
    const Status status = GetEntity(options, family, key, &columns);
    return status.ok() ? Take(columns, value) : status;
  }

  using StackableDB::MultiGet;
  void MultiGet(const ReadOptions& options, const size_t count, ColumnFamilyHandle** families,
                const Slice* keys, PinnableSlice* values, std::string* timestamps, Status* statuses,
                const bool sorted_input) override {
    static_cast<void>(timestamps);
    std::vector<PinnableWideColumns> columns(count);
    MultiGetEntity(options, count, families, keys, columns.data(), statuses, sorted_input);
    for (size_t i = 0; i < count; ++i) {
      if (statuses[i].ok()) statuses[i] = Take(columns[i], &values[i]);
    }
  }

  using StackableDB::NewIterator;
  rocksdb::Iterator* NewIterator(const ReadOptions& options, ColumnFamilyHandle* family) override {
    return new PlainIterator(StackableDB::NewIterator(options, family));
  }
};

}  // namespace

std::unique_ptr<rocksdb::DB> RefuseWideColumns(std::unique_ptr<rocksdb::DB> db) {
  return std::make_unique<PlainValues>(std::shared_ptr<rocksdb::DB>(std::move(db)));
}

}  // namespace rocksdb_live
