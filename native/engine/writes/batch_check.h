// Checks a batch in RocksDB's wire format before RocksDB sees it.
//
// RocksDB applies such a batch record by record and stops at the first one it cannot apply, after
// the WAL has the whole of it: a batch over a dropped family, an inverted range or a merge without
// an operator would be half applied and poison the database until it is opened again.
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
void SetBatchCount(std::string* batch, uint32_t count);

// `find` returns null for an id that is not a live family's. Sets `kinds` to what the batch has,
// for MakeWriteBatch: a bit for each kind of records.
Error CheckBatch(const rocksdb::Slice& batch, const FindFamily& find, uint32_t* kinds);

// One record of a batch. Its slices are of the batch's bytes.
struct BatchRecord {
  enum class Kind : uint8_t { kDelete, kPut, kMerge, kDeleteRange };
  Kind kind = Kind::kDelete;
  uint32_t family = 0;
  rocksdb::Slice key;
  rocksdb::Slice second;  // the value, the operand or the end of the range
};

// Goes through the records of a batch that CheckBatch has passed, from the byte `from` on.
class BatchWalk {
 public:
  explicit BatchWalk(const rocksdb::Slice& batch, size_t from = kBatchHeader)
      : at_(batch.data() + from), end_(batch.data() + batch.size()) {}
  // False behind the last one.
  bool Next(BatchRecord* record);
  // Where the next record begins.
  const char* at() const { return at_; }

 private:
  const char* at_;
  const char* end_;
};

// The checked batch as RocksDB takes it. One that is made of bytes alone RocksDB walks through once
// more, to find out what is in it (WriteBatch::ComputeContentFlags); this one says so.
rocksdb::WriteBatch MakeWriteBatch(std::string batch, uint32_t kinds);

}  // namespace rocksdb_live
