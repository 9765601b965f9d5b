// The merge operator of families that have none.
//
// Without an operator RocksDB stops replaying the WAL at the first operand, which loses every later
// row, and a scan over an operand ends the process. This operator keeps operands as they are in
// replays, flushes and compactions, and fails reads that would need them merged.
#pragma once

#include <memory>
#include <string>

#include "rocksdb/merge_operator.h"

namespace rocksdb_live {

std::shared_ptr<rocksdb::MergeOperator> FallbackMerge();

// The same with another operator's name, for use where that operator must not be called. The name
// matters because files record it.
std::shared_ptr<rocksdb::MergeOperator> KeepOperands(const std::string& name);

// Whether an operator is this one. Null is not.
bool IsFallbackMerge(const rocksdb::MergeOperator* merge_operator);

}  // namespace rocksdb_live
