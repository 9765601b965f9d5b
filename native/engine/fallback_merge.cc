#include "engine/fallback_merge.h"

namespace rocksdb_live {
namespace {

class Fallback : public rocksdb::MergeOperator {
 public:
  // Also what tables and the OPTIONS file record: none, for this and other programs.
  const char* Name() const override { return "nullptr"; }
  bool FullMergeV2(const MergeOperationInput&, MergeOperationOutput* out) const override {
    out->op_failure_scope = OpFailureScope::kMustMerge;
    return false;
  }
  bool FullMergeV3(const MergeOperationInputV3&, MergeOperationOutputV3* out) const override {
    out->op_failure_scope = OpFailureScope::kMustMerge;
    return false;
  }
  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>&, std::string*,
                         rocksdb::Logger*) const override {
    return false;
  }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> FallbackMerge() {
  static const auto* const shared =
      new std::shared_ptr<rocksdb::MergeOperator>(std::make_shared<Fallback>());
  return *shared;
}

bool IsFallbackMerge(const rocksdb::MergeOperator* merge_operator) {
  return merge_operator == FallbackMerge().get();
}

}  // namespace rocksdb_live
