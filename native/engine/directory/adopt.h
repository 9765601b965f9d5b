// Takes over what a database's OPTIONS file records and a request leaves out, and refuses what it
// says otherwise: operands that are merged by another operator give wrong values, for good.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/directory/survey.h"
#include "engine/options/open_request.h"
#include "rocksdb/merge_operator.h"

namespace rocksdb_live {

// Merge operators by family.
using Operators = std::map<std::string, std::shared_ptr<rocksdb::MergeOperator>>;

// The operators that OPTIONS records for the families of `survey`. kOptionsMismatch where `request`
// names another, kNotSupported where this build does not have the recorded one.
Error AdoptOperators(const Survey& survey, const OpenRequest& request, Operators* adopted);

// Whether a text of `merge_operator`, which may be empty for none, leaves `adopted` as it is.
bool IsSameOperator(const std::string& asked, const rocksdb::MergeOperator& adopted);

}  // namespace rocksdb_live
