#include "engine/base/fallback_merge.h"

#include <utility>

#include "engine/base/merge_failure.h"

namespace rocksdb_live {
namespace {

class Fallback : public rocksdb::MergeOperator {
 public:
  explicit Fallback(std::string name) : name_(std::move(name)) {}

  const char* Name() const override { return name_.c_str(); }
  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    out->op_failure_scope = OpFailureScope::kMustMerge;
    NoteMergeFailure(MergeFailure::kNoOperator, in.key);
    return false;
  }
  bool FullMergeV3(const MergeOperationInputV3& in, MergeOperationOutputV3* out) const override {
    out->op_failure_scope = OpFailureScope::kMustMerge;
    NoteMergeFailure(MergeFailure::kNoOperator, in.key);
    return false;
  }
  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>&, std::string*,
                         rocksdb::Logger*) const override {
    return false;
  }

 private:
  const std::string name_;
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> FallbackMerge() {
  // Tables and the OPTIONS file record this name, so that other programs see no operator.
  static const auto* const shared =
      new std::shared_ptr<rocksdb::MergeOperator>(std::make_shared<Fallback>("nullptr"));
  return *shared;
}

std::shared_ptr<rocksdb::MergeOperator> KeepOperands(const std::string& name) {
  return std::make_shared<Fallback>(name);
}

bool IsFallbackMerge(const rocksdb::MergeOperator* merge_operator) {
  return merge_operator == FallbackMerge().get();
}

}  // namespace rocksdb_live
