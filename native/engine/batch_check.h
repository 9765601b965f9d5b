// Checks a batch in RocksDB's wire format before RocksDB sees it.
//
// RocksDB applies such a batch record by record and stops at the first one it cannot apply, after
// the WAL has the whole of it: a batch over a dropped family, an inverted range or a merge without
// an operator would be half applied and poison the database until it is opened again.
#pragma once

#include <functional>

#include "engine/error.h"
#include "engine/family.h"
#include "rocksdb/slice.h"

namespace rocksdb_live {

// Length of the header of a WriteBatch: 8 bytes of sequence number, 4 of count (db/write_batch.cc).
constexpr size_t kBatchHeader = 12;

using FindFamily = std::function<const Family*(uint32_t id)>;

uint32_t BatchCount(const rocksdb::Slice& batch);

// `find` returns null for an id that is not a live family's.
Error CheckBatch(const rocksdb::Slice& batch, const FindFamily& find);

}  // namespace rocksdb_live
