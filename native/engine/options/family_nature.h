// What the values of a family are beyond bytes, as the change feed and a replica's log tell it: the
// public name of its merge operator; or, of one whose rows expire, the text of its filter
// (options/expiry_filter.h); empty for all others.
#pragma once

#include <string>

#include "engine/base/family.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

std::string NatureOf(const Family& family);
std::string NatureOf(const rocksdb::ColumnFamilyOptions& options);

// Whether values of the one can be taken for values of the other. Times of expiry may differ: each
// row has its own.
bool IsSameNature(const std::string& one, const std::string& other);

// For messages: "the merge operator uint64add", "rows that expire", "neither".
std::string DescribeNature(const std::string& nature);

// Whether it is that of a family whose rows expire.
bool Expires(const std::string& nature);

}  // namespace rocksdb_live
