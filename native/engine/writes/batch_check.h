// Checks a batch in RocksDB's wire format before RocksDB sees it.
//
// RocksDB applies such a batch record by record and stops at the first one it cannot apply, when
// the whole batch is already in the WAL. A batch with a dropped family, an inverted range or a
// merge without an operator would be half applied, and would poison the database until it is
// reopened.
#pragma once

#include <functional>
#include <string>

#include "engine/base/error.h"
#include "engine/base/family.h"
#include "rocksdb/slice.h"
#include "rocksdb/write_batch.h"

namespace rocksdb_live {

// Length of the header of a WriteBatch: 8 bytes of sequence number, 4 of count (db/write_batch.cc).
constexpr size_t kBatchHeader = 12;

using FindFamily = std::function<const Family*(uint32_t id)>;

uint32_t BatchCount(const rocksdb::Slice& batch);
// Its first sequence number, once it was written (InsertInto, db/write_batch.cc).
uint64_t BatchSequence(const rocksdb::Slice& batch);
void SetBatchCount(std::string* batch, uint32_t count);

// `find` returns null for an id that belongs to no live family. Sets `kinds` to one bit for each
// kind of record in the batch, for MakeWriteBatch.
Error CheckBatch(const rocksdb::Slice& batch, const FindFamily& find, uint32_t* kinds);

// One record of a batch. Its slices point into the batch.
struct BatchRecord {
  enum class Kind : uint8_t { kDelete, kPut, kMerge, kDeleteRange };
  Kind kind = Kind::kDelete;
  uint32_t family = 0;
  rocksdb::Slice key;
  rocksdb::Slice second;  // the value, the operand or the end of the range
};

// Walks the records of a batch that has passed CheckBatch, starting at byte `from`.
class BatchWalk {
 public:
  explicit BatchWalk(const rocksdb::Slice& batch, size_t from = kBatchHeader)
      : at_(batch.data() + from), end_(batch.data() + batch.size()) {}
  // Returns false after the last record.
  bool Next(BatchRecord* record);
  // Byte at which the next record begins.
  const char* at() const { return at_; }

 private:
  const char* at_;
  const char* end_;
};

// Appends a record to a batch, whose count stays as it was.
void AppendRecord(const BatchRecord& record, std::string* batch);

// Turns the checked batch into a WriteBatch. RocksDB walks a batch made of bytes once more, to
// learn which records it has (WriteBatch::ComputeContentFlags); this one already carries the flags.
rocksdb::WriteBatch MakeWriteBatch(std::string batch, uint32_t kinds);

}  // namespace rocksdb_live
