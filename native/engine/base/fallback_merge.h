// The merge operator of families that have none.
//
// Without one RocksDB stops replaying the WAL at the first operand, which loses every row behind
// it, and a scan over an operand ends the process. This one keeps operands as they are, in replays,
// flushes and compactions, and fails reads that would need them merged.
#pragma once

#include <memory>
#include <string>

#include "rocksdb/merge_operator.h"

namespace rocksdb_live {

std::shared_ptr<rocksdb::MergeOperator> FallbackMerge();

// The same under another's name, for where that one must not be asked: what is written says its
// name.
std::shared_ptr<rocksdb::MergeOperator> KeepOperands(const std::string& name);

// Whether the last read of this thread that could not be merged met it; forgotten with the answer.
bool TakeFallbackFailure();

// Whether an operator is that one. Null is not.
bool IsFallbackMerge(const rocksdb::MergeOperator* merge_operator);

}  // namespace rocksdb_live
