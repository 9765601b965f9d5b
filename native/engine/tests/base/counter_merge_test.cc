#include "engine/base/counter_merge.h"

#include <deque>
#include <limits>
#include <random>

#include "engine/base/merge_failure.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using rocksdb::MergeOperator;
using rocksdb::Slice;
using testing::BatchBuilder;
using testing::Get;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::string Bytes(int64_t value) {
  std::string bytes(8, '\0');
  const uint64_t bits = static_cast<uint64_t>(value) ^ uint64_t { 1 } << 63;
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(bits >> (8 * (7 - i)));
  return bytes;
}

// The merged value; "(failed)" where that fails.
std::string Full(const std::string* base, const std::vector<std::string>& operands) {
  const auto counter = MakeCounterMerge();
  const std::vector<Slice> slices(operands.begin(), operands.end());
  const Slice existing = base == nullptr ? Slice() : Slice(*base);
  std::string made;
  Slice unused;
  const Slice key("k");
  const MergeOperator::MergeOperationInput in(key, base == nullptr ? nullptr : &existing, slices,
                                              nullptr);
  MergeOperator::MergeOperationOutput out(made, unused);
  return counter->FullMergeV2(in, &out) ? made : "(failed)";
}

std::string Partial(const std::vector<std::string>& operands) {
  const std::deque<Slice> slices(operands.begin(), operands.end());
  std::string made;
  return MakeCounterMerge()->PartialMergeMulti("k", slices, &made, nullptr) ? made : "(apart)";
}

TEST(CounterMergeTest, AddsWithTheSign) {
  const std::string base = Bytes(-5);
  EXPECT_EQ(Full(&base, {Bytes(7)}), Bytes(2));
  EXPECT_EQ(Full(nullptr, {Bytes(kMin)}), Bytes(kMin));
  EXPECT_EQ(Full(nullptr, {Bytes(-1), Bytes(-1)}), Bytes(-2));
  EXPECT_EQ(Partial({Bytes(kMax), Bytes(kMin)}), Bytes(-1));
  EXPECT_LT(Bytes(-1), Bytes(0));
}

TEST(CounterMergeTest, CountsOnlyTheResult) {
  const std::string most = Bytes(kMax);
  EXPECT_EQ(Full(&most, {Bytes(kMax), Bytes(kMax), Bytes(kMin), Bytes(kMin)}), Bytes(kMax - 2));
  EXPECT_EQ(Partial({most, Bytes(1), Bytes(-1)}), most);
}

TEST(CounterMergeTest, SaysWhyItFails) {
  const std::string most = Bytes(kMax);
  EXPECT_EQ(Full(&most, {Bytes(1)}), "(failed)");
  EXPECT_EQ(LastFailedMerge().why, MergeFailure::kOutOfRange);
  EXPECT_EQ(LastFailedMerge().key, "\"k\"");
  EXPECT_EQ(Full(nullptr, {Bytes(kMin), Bytes(-1)}), "(failed)");
  EXPECT_EQ(Partial({most, Bytes(1)}), "(apart)");
  for (const std::string& wrong : {std::string(), std::string(7, 'x'), std::string(9, 'x')}) {
    EXPECT_EQ(Full(&most, {wrong}), "(failed)");
    EXPECT_EQ(LastFailedMerge().why, MergeFailure::kUnreadable);
    EXPECT_EQ(Full(&wrong, {Bytes(1)}), "(failed)");
    EXPECT_EQ(Partial({Bytes(1), wrong}), "(apart)");
  }
}

// Whatever is merged first, what comes out at the end is the same.
TEST(CounterMergeTest, HangsOnNoOrder) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> operands;
    for (uint64_t n = 2 + random() % 6; n > 0; --n) {
      const auto any = static_cast<int64_t>(random());
      operands.push_back(Bytes(random() % 2 == 0 ? any : any >> (random() % 63)));
    }
    const std::string whole = Full(nullptr, operands);
    std::vector<std::string> parts;
    for (const std::string& operand : operands) {
      const std::string both = parts.empty() ? "(apart)" : Partial({parts.back(), operand});
      if (both == "(apart)") {
        parts.push_back(operand);
      } else {
        parts.back() = both;
      }
    }
    EXPECT_EQ(Full(nullptr, parts), whole) << round;
  }
}

TEST(CounterMergeTest, IsKeptThroughCompactionsWhereItOverflows) {
  testing::TempDir dir;
  OpenRequest request = testing::RequestFor(dir / "db");
  std::filesystem::create_directories(request.path);
  request.defaults.column_family = {{"merge_operator", kCounterMerge}};
  auto store = testing::OpenStore(request);
  const auto write = [&store](const BatchBuilder& builder) {
    std::string batch = builder.Build();
    return store->Write(&batch, 0);
  };
  ASSERT_TRUE(IsOk(write(BatchBuilder().Put(0, "k", Bytes(kMax)).Merge(0, "k", Bytes(1)))));
  for (int round = 0; round < 3; ++round) {
    EXPECT_NE(Get(store.get(), 0, "k"), Bytes(kMax));
    ASSERT_TRUE(store->db()->Flush(rocksdb::FlushOptions()).ok());
    ASSERT_TRUE(store->db()->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok());
    EXPECT_EQ(store->health().Get().severity, 0);
  }
  ASSERT_TRUE(IsOk(store->Close()));
  request.defaults.column_family.clear();
  store = testing::OpenStore(request);
  ASSERT_TRUE(IsOk(write(BatchBuilder().Merge(0, "k", Bytes(-3)))));
  EXPECT_EQ(Get(store.get(), 0, "k"), Bytes(kMax - 2));
  EXPECT_EQ(write(BatchBuilder().Put(0, "k", "abc")).code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace rocksdb_live
