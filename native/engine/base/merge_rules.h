// The merge operators on offer, and what each can read.
//
// RocksDB's own accept any operand: `uint64add` counts one of another width as 0, and `sortlist`
// reads past the end of the operand, and ends the process if it finds no number there.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/base/error.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

// What an operator accepts. This includes values put into its family: the next merge reads them.
struct MergeRule {
  const char* name;
  size_t width;      // width of every value and operand in bytes; 0 for any
  const char* form;  // how these bytes are read
};

// Makes the names of our own operators known to RocksDB. Call before it reads such a name.
void OfferOperators();

// Replaces an operator that checks nothing with ours, and refuses operators that are not on offer.
// Does nothing if there is no operator.
Error UseSafeMergeOperator(const std::string& where, rocksdb::ColumnFamilyOptions* options);

// Null if any bytes are valid.
const MergeRule* FindMergeRule(const rocksdb::MergeOperator* merge_operator);

// The operator's name in the public API, or else its own.
std::string PublicName(const rocksdb::MergeOperator& merge_operator);

// What is wrong with a value of this size; empty if nothing is.
std::string ProblemOf(const MergeRule& rule, size_t size);

}  // namespace rocksdb_live
