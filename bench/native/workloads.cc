#include "workloads.h"

#include <cstring>

#include "rocksdb/write_batch.h"

namespace bench {
namespace {

void WriteInBatches(Database& db, const Chunk& chunk, size_t batch_rows,
                    const rocksdb::WriteOptions& options) {
  rocksdb::WriteBatch batch;
  for (size_t from = 0; from < chunk.size(); from += batch_rows) {
    const size_t to = std::min(from + batch_rows, chunk.size());
    batch.Clear();
    for (size_t i = from; i < to; ++i) {
      Check(batch.Put(db.family(0), chunk.key(i), chunk.value(i)), "put");
    }
    Check(db->Write(options, &batch), "write");
  }
}

// Length and first byte, as in bench/support/loops.mjs.
bool IsRight(const Slice& value, const Chunk& chunk, size_t i) {
  return value.size() == chunk.values->size() && value.data()[0] == chunk.first[i];
}

}  // namespace

void WriteBatches(Database& db, const Chunk& chunk, size_t batch_rows) {
  WriteInBatches(db, chunk, batch_rows, db.write());
}

void WriteDurableBatches(Database& db, const Chunk& chunk, size_t batch_rows) {
  rocksdb::WriteOptions options = db.write();
  options.sync = true;
  WriteInBatches(db, chunk, batch_rows, options);
}

void WriteTwoFamilies(Database& db, const Chunk& chunk, size_t batch_rows) {
  rocksdb::WriteBatch batch;
  for (size_t from = 0; from < chunk.size(); from += batch_rows) {
    const size_t to = std::min(from + batch_rows, chunk.size());
    batch.Clear();
    for (size_t i = from; i < to; ++i) {
      Check(batch.Put(db.family(i & 1), chunk.key(i), chunk.value(i)), "put");
    }
    Check(db->Write(db.write(), &batch), "write");
  }
}

void Put(Database& db, const Chunk& chunk) {
  for (size_t i = 0; i < chunk.size(); ++i) {
    Check(db->Put(db.write(), db.family(0), chunk.key(i), chunk.value(i)), "put");
  }
}

void PutDurable(Database& db, const Chunk& chunk) {
  rocksdb::WriteOptions options = db.write();
  options.sync = true;
  for (size_t i = 0; i < chunk.size(); ++i) {
    Check(db->Put(options, db.family(0), chunk.key(i), chunk.value(i)), "put");
  }
}

uint64_t Get(Database& db, const Chunk& chunk) {
  const rocksdb::ReadOptions options;
  rocksdb::PinnableSlice value;
  uint64_t wrong = 0;
  for (size_t i = 0; i < chunk.size(); ++i) {
    value.Reset();
    const rocksdb::Status status = db->Get(options, db.family(0), chunk.key(i), &value);
    if (!status.ok() || !IsRight(value, chunk, i)) ++wrong;
  }
  return wrong;
}

uint64_t GetInto(Database& db, const Chunk& chunk) {
  const rocksdb::ReadOptions options;
  rocksdb::PinnableSlice value;
  std::string target(chunk.values->size(), '\0');
  uint64_t wrong = 0;
  for (size_t i = 0; i < chunk.size(); ++i) {
    value.Reset();
    const rocksdb::Status status = db->Get(options, db.family(0), chunk.key(i), &value);
    if (status.ok()) std::memcpy(&target[0], value.data(), std::min(value.size(), target.size()));
    const Slice copied(target.data(), value.size());
    if (!status.ok() || !IsRight(copied, chunk, i)) ++wrong;
  }
  return wrong;
}

uint64_t GetMissing(Database& db, const Chunk& chunk) {
  const rocksdb::ReadOptions options;
  rocksdb::PinnableSlice value;
  uint64_t wrong = 0;
  for (size_t i = 0; i < chunk.size(); ++i) {
    value.Reset();
    if (!db->Get(options, db.family(0), chunk.key(i), &value).IsNotFound()) ++wrong;
  }
  return wrong;
}

uint64_t MultiGet(Database& db, const Chunk& chunk, size_t batch_keys) {
  const rocksdb::ReadOptions options;
  std::vector<Slice> keys(batch_keys);
  std::vector<rocksdb::PinnableSlice> values(batch_keys);
  std::vector<rocksdb::Status> statuses(batch_keys);
  uint64_t wrong = 0;
  for (size_t from = 0; from < chunk.size(); from += batch_keys) {
    const size_t count = std::min(batch_keys, chunk.size() - from);
    for (size_t i = 0; i < count; ++i) {
      keys[i] = chunk.key(from + i);
      values[i].Reset();
    }
    db->MultiGet(options, db.family(0), count, keys.data(), values.data(), statuses.data());
    for (size_t i = 0; i < count; ++i) {
      if (!statuses[i].ok() || !IsRight(values[i], chunk, from + i)) ++wrong;
    }
  }
  return wrong;
}

uint64_t Scan(Database& db, bool reverse, uint64_t limit) {
  const rocksdb::ReadOptions options;
  const std::unique_ptr<rocksdb::Iterator> rows(db->NewIterator(options, db.family(0)));
  uint64_t sum = 0;
  uint64_t seen = 0;
  if (reverse) {
    for (rows->SeekToLast(); rows->Valid() && seen < limit; rows->Prev(), ++seen) {
      sum += RowSum(rows->key(), rows->value());
    }
  } else {
    for (rows->SeekToFirst(); rows->Valid() && seen < limit; rows->Next(), ++seen) {
      sum += RowSum(rows->key(), rows->value());
    }
  }
  Check(rows->status(), "scan");
  return sum;
}

uint64_t ScanRanges(Database& db, const Chunk& chunk, size_t limit) {
  const rocksdb::ReadOptions options;
  const std::unique_ptr<rocksdb::Iterator> rows(db->NewIterator(options, db.family(0)));
  uint64_t sum = 0;
  for (size_t i = 0; i < chunk.size(); ++i) {
    rows->Seek(chunk.key(i));
    for (size_t seen = 0; rows->Valid();) {
      sum += RowSum(rows->key(), rows->value());
      if (++seen == limit) break;
      rows->Next();
    }
  }
  Check(rows->status(), "scan");
  return sum;
}

}  // namespace bench
