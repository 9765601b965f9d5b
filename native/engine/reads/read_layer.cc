#include "engine/reads/read_layer.h"

#include <utility>
#include <variant>

#include "rocksdb/merge_operator.h"

namespace rocksdb_live {

using rocksdb::MergeOperator;
using rocksdb::Slice;
using rocksdb::Status;

Status MergeOperands(const Family& family, const Slice& key, const Slice* base,
                     const std::vector<std::string>& operands, std::string* value) {
  const MergeOperator* const merge_operator = family.merge_operator();
  if (merge_operator == nullptr) return Status::NotSupported("no merge operator");
  const std::vector<Slice> slices(operands.begin(), operands.end());
  MergeOperator::MergeOperationInputV3::ExistingValue existing;
  if (base != nullptr) existing = *base;
  const MergeOperator::MergeOperationInputV3 input(key, std::move(existing), slices, nullptr);
  MergeOperator::MergeOperationOutputV3 output;
  if (!merge_operator->FullMergeV3(input, &output)) {
    return Status::Corruption(Status::kMergeOperatorFailed);
  }
  if (auto* made = std::get_if<std::string>(&output.new_value)) {
    *value = std::move(*made);
  } else if (const auto* operand = std::get_if<Slice>(&output.new_value)) {
    value->assign(operand->data(), operand->size());
  } else {
    return Status::NotSupported("the merge operator made columns");
  }
  return Status::OK();
}

Status OwnWrite::Merge(const Family& family, const Slice& key, const Slice* found) {
  if (!over_known) return MergeOperands(family, key, found, operands, &value);
  if (!base) return MergeOperands(family, key, nullptr, operands, &value);
  const Slice known(*base);
  return MergeOperands(family, key, &known, operands, &value);
}

}  // namespace rocksdb_live
