#include "engine/changes/page.h"

#include <cstring>

#include "rocksdb/slice.h"

namespace rocksdb_live {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

template <typename T>
void Put(std::string* to, T value) {
  static_assert(sizeof(double) == 8, "a double has 8 bytes");
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  to->append(bytes, sizeof value);
}

void PutOperation(std::string* to, ChangeKind kind, uint32_t family, const Slice& key,
                  const Slice& second) {
  to->push_back(static_cast<char>(kind));
  Put<uint32_t>(to, family);
  Put<uint32_t>(to, static_cast<uint32_t>(key.size()));
  to->append(key.data(), key.size());
  Put<uint32_t>(to, static_cast<uint32_t>(second.size()));
  to->append(second.data(), second.size());
}

// Other programs' batches have more kinds of records than ours.
class Operations : public rocksdb::WriteBatch::Handler {
 public:
  Operations(std::string* to, uint64_t skip) : to_(to), skip_(skip) {}

  Status PutCF(uint32_t family, const Slice& key, const Slice& value) override {
    return Add(ChangeKind::kPut, family, key, value);
  }
  Status TimedPutCF(uint32_t family, const Slice& key, const Slice& value, uint64_t) override {
    return Add(ChangeKind::kPut, family, key, value);
  }
  Status DeleteCF(uint32_t family, const Slice& key) override {
    return Add(ChangeKind::kDelete, family, key, Slice());
  }
  Status SingleDeleteCF(uint32_t family, const Slice& key) override {
    return Add(ChangeKind::kDelete, family, key, Slice());
  }
  Status MergeCF(uint32_t family, const Slice& key, const Slice& operand) override {
    return Add(ChangeKind::kMerge, family, key, operand);
  }
  Status DeleteRangeCF(uint32_t family, const Slice& begin, const Slice& end) override {
    return Add(ChangeKind::kDeleteRange, family, begin, end);
  }
  Status PutEntityCF(uint32_t, const Slice&, const Slice&) override {
    return Status::NotSupported("a value with columns (PutEntity), which this package cannot read");
  }
  void LogData(const Slice&) override {}
  Status MarkBeginPrepare(bool) override { return Status::OK(); }
  Status MarkEndPrepare(const Slice&) override { return Status::OK(); }
  Status MarkNoop(bool) override { return Status::OK(); }
  Status MarkRollback(const Slice&) override { return Status::OK(); }
  Status MarkCommit(const Slice&) override { return Status::OK(); }

  uint32_t count() const { return count_; }

 private:
  Status Add(ChangeKind kind, uint32_t family, const Slice& key, const Slice& second) {
    if (skip_ != 0) {
      --skip_;
      return Status::OK();
    }
    ++count_;
    PutOperation(to_, kind, family, key, second);
    return Status::OK();
  }

  std::string* const to_;
  uint64_t skip_;
  uint32_t count_ = 0;
};

void PutHead(std::string* to, uint64_t first, uint64_t last, double time_ms,
             const Position& position) {
  Put<uint64_t>(to, first);
  Put<uint64_t>(to, last);
  Put<double>(to, time_ms);
  Put<uint32_t>(to, position.incarnation);
  Put<uint32_t>(to, position.families);
}

}  // namespace

Error ChangePage::AddBatch(const rocksdb::WriteBatch& batch, uint64_t first, uint64_t end,
                           double time_ms, Position* position) {
  const size_t before = bytes_.size();
  const uint64_t skip = position->next > first ? position->next - first : 0;
  PutHead(&bytes_, first + skip, end - 1, time_ms, *position);
  const size_t at = bytes_.size();
  Put<uint32_t>(&bytes_, 0);
  Operations operations(&bytes_, skip);
  const Status status = batch.Iterate(&operations);
  if (!status.ok()) {
    bytes_.resize(before);
    return Error::From(status).WithContext("a commit of the change feed");
  }
  const uint32_t count = operations.count();
  std::memcpy(bytes_.data() + at, &count, sizeof count);
  position->next = end;
  return Error();
}

void ChangePage::AddFamily(const FamilyRecord& record, const Position& position) {
  const bool dropped = record.kind == FamilyRecord::Kind::kDropped;
  PutHead(&bytes_, position.next, position.next - 1, 0, position);
  Put<uint32_t>(&bytes_, 1);
  PutOperation(&bytes_, dropped ? ChangeKind::kDropFamily : ChangeKind::kCreateFamily, record.id,
               record.name, record.nature);
}

}  // namespace rocksdb_live
