// Why a merge operator of ours failed. RocksDB's status says that one did, and not why; an operator
// runs on the thread that gets the status.
#pragma once

#include <string>

#include "rocksdb/slice.h"

namespace rocksdb_live {

enum class MergeFailure {
  kUnreadable,  // a value or an operand is not the operator's
  kNoOperator,  // the family has operands, and is open without their operator
  kOutOfRange,  // the result is
};

// Every operator of ours calls this where it fails, so that what stands there is of the last one.
void NoteMergeFailure(MergeFailure why, const rocksdb::Slice& key);

struct FailedMerge {
  MergeFailure why;
  std::string key;  // as text; of a long one, its begin
};

// The last merge that failed on this thread.
FailedMerge LastFailedMerge();

}  // namespace rocksdb_live
