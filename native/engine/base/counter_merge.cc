#include "engine/base/counter_merge.h"

#include <cstdint>
#include <deque>
#include <limits>
#include <string>

#include "engine/base/merge_failure.h"

namespace rocksdb_live {
namespace {

using rocksdb::Slice;

constexpr uint64_t kSign = uint64_t{1} << 63;

bool Fits(const Slice& bytes) { return bytes.size() == kCounterWidth; }

int64_t Decode(const Slice& bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < kCounterWidth; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return static_cast<int64_t>(value ^ kSign);
}

void Encode(int64_t value, std::string* to) {
  uint64_t rest = static_cast<uint64_t>(value) ^ kSign;
  to->assign(kCounterWidth, '\0');
  for (size_t i = kCounterWidth; i-- > 0; rest >>= 8) (*to)[i] = static_cast<char>(rest);
}

// A sum in two halves, as not every compiler has 128 bits: good for 2^31 summands.
class Sum {
 public:
  void Add(int64_t value) {
    const auto bits = static_cast<uint64_t>(value);
    low_ += bits & 0xFFFFFFFF;
    const int64_t high = static_cast<int64_t>(bits >> 32);
    high_ += value < 0 ? high - (int64_t{1} << 32) : high;
  }

  bool Take(int64_t* result) const {
    const int64_t high = high_ + static_cast<int64_t>(low_ >> 32);
    if (high < std::numeric_limits<int32_t>::min()) return false;
    if (high > std::numeric_limits<int32_t>::max()) return false;
    *result = static_cast<int64_t>(static_cast<uint64_t>(high) << 32 | (low_ & 0xFFFFFFFF));
    return true;
  }

 private:
  int64_t high_ = 0;
  uint64_t low_ = 0;
};

class Counter : public rocksdb::MergeOperator {
 public:
  const char* Name() const override { return kCounterMerge; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    out->op_failure_scope = OpFailureScope::kMustMerge;
    Sum sum;
    bool fits = in.existing_value == nullptr || Fits(*in.existing_value);
    if (fits && in.existing_value != nullptr) sum.Add(Decode(*in.existing_value));
    for (const Slice& operand : in.operand_list) {
      fits = fits && Fits(operand);
      if (fits) sum.Add(Decode(operand));
    }
    int64_t result = 0;
    if (fits && sum.Take(&result)) {
      Encode(result, &out->new_value);
      return true;
    }
    NoteMergeFailure(fits ? MergeFailure::kOutOfRange : MergeFailure::kUnreadable, in.key);
    return false;
  }

  // Operands whose sum is out of range stay apart.
  bool PartialMergeMulti(const Slice&, const std::deque<Slice>& operands, std::string* result,
                         rocksdb::Logger*) const override {
    Sum sum;
    for (const Slice& operand : operands) {
      if (!Fits(operand)) return false;
      sum.Add(Decode(operand));
    }
    int64_t together = 0;
    if (!sum.Take(&together)) return false;
    Encode(together, result);
    return true;
  }
};

}  // namespace

std::unique_ptr<rocksdb::MergeOperator> MakeCounterMerge() { return std::make_unique<Counter>(); }

}  // namespace rocksdb_live
