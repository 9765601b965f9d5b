// The merge operators that are offered, and what each can read.
//
// RocksDB's own take any operand: `uint64add` counts one of another width as nothing, and
// `sortlist` reads behind the operand's end, and ends the process where it finds no number there.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/base/error.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

// What an operator takes. Values that are put into its family are operands' equals: the next merge
// reads them.
struct MergeRule {
  const char* name;
  size_t width;  // bytes of every value and operand; 0 for any
};

// Puts an operator of ours in the place of one that RocksDB checks nothing in; refuses the ones
// that are not offered. Nothing where there is none.
Error UseSafeMergeOperator(const std::string& where, rocksdb::ColumnFamilyOptions* options);

// Null where any bytes do.
const MergeRule* FindMergeRule(const rocksdb::MergeOperator* merge_operator);

// What is wrong with a value of this size; empty where nothing is.
std::string ProblemOf(const MergeRule& rule, size_t size);

}  // namespace rocksdb_live
