// Takes over the settings that a database's OPTIONS file records and a request leaves out, and
// refuses contradictions: merging operands with another operator makes wrong values, permanently.
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

// The operators that OPTIONS records for the families of `survey`. Fails with kOptionsMismatch if
// `request` names another one, and with kNotSupported if this build lacks the recorded one.
Error AdoptOperators(const Survey& survey, const OpenRequest& request, Operators* adopted);

// Adds this operator, by a name that `merge_operator` takes. Fails with kNotSupported if this build
// does not have it.
Error AdoptOperator(const std::string& family, const std::string& merge_operator,
                    Operators* adopted);

// Whether a `merge_operator` option, which may be empty, is the same operator as `adopted`.
bool IsSameOperator(const std::string& asked, const rocksdb::MergeOperator& adopted);

}  // namespace rocksdb_live
