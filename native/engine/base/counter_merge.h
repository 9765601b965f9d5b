// The merge operator of counters: signed 64-bit integers that are added up.
//
// Values and operands are 8 bytes, big-endian with the sign flipped, as the codec writes them. A
// sum may leave the range on the way; only the result counts. A result outside of it fails the read
// (MergeFailure::kOutOfRange), and flushes and compactions keep the operands then, so that later
// ones can bring it back.
#pragma once

#include <memory>

#include "rocksdb/merge_operator.h"

namespace rocksdb_live {

constexpr char kCounterMerge[] = "rocksdb-live.counter";
constexpr size_t kCounterWidth = 8;

std::unique_ptr<rocksdb::MergeOperator> MakeCounterMerge();

}  // namespace rocksdb_live
