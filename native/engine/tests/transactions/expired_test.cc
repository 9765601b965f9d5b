// Rows that expire in transactions and comparisons.
#include <optional>

#include "engine/tests/reads/expiring.h"

namespace rocksdb_live {
namespace {

using testing::Enveloped;
using testing::kGrace;
using testing::kLater;

class ExpiredInTransactionsTest : public testing::ExpiringTest {};

TEST_F(ExpiredInTransactionsTest, ComparisonsTakeThemForMissing) {
  PutThree();
  const auto compare = [&](const std::string& key, std::optional<std::string> value) {
    std::string packed;
    const auto add = [&](uint32_t number) {
      packed.append(reinterpret_cast<const char*>(&number), sizeof number);
    };
    add(id_);
    add(static_cast<uint32_t>(key.size()));
    add(value ? static_cast<uint32_t>(value->size()) : kMissing);
    packed += key + value.value_or("");
    const std::string batch = PutBatch("x", 0, key);
    const Result<bool> held = session_->CompareAndCommitNow({packed, batch, 0});
    EXPECT_TRUE(IsOk(held.error));
    return held.value;
  };
  EXPECT_TRUE(compare("a", std::nullopt));
  EXPECT_FALSE(compare("a", "gone"));
  EXPECT_TRUE(compare("b", "soon"));
  EXPECT_FALSE(compare("b", std::nullopt));
  EXPECT_FALSE(compare("b", Enveloped(then_, "soon")));
  Wait(kLater);
  EXPECT_FALSE(compare("b", "soon"));
  EXPECT_TRUE(compare("b", std::nullopt));
}

TEST_F(ExpiredInTransactionsTest, TransactionsJudgeByTheirStartWhatTheyHaveWrittenAsWell) {
  PutThree();
  const uint32_t transaction = Begin();
  const uint64_t start = NowMs();
  ASSERT_TRUE(IsOk(session_->AppendTo(transaction, PutBatch("d", start + 5, "own"))));
  ASSERT_TRUE(IsOk(session_->AppendTo(transaction, PutBatch("e", start - kLater, "past"))));
  Wait(kLater);
  EXPECT_EQ(Get("a", transaction) + Get("b", transaction), "(none)soon");
  EXPECT_EQ(Get("d", transaction) + Get("e", transaction), "own(none)");
  EXPECT_EQ(Get("d", transaction, kEnvelope), Enveloped(start + 5, "own"));
  EXPECT_EQ(Queued("d", transaction) + Queued("e", transaction), "own(none)");
  EXPECT_EQ(Many({"b", "d", "e"}, transaction), "43- soonown");
  EXPECT_EQ(Scan(0, transaction), "b=soon c=never d=own ");
  EXPECT_EQ(Scan(kReverse, transaction), "d=own c=never b=soon ");
  EXPECT_EQ(Count(transaction), "3");
  EXPECT_EQ(Commit(transaction), "OK");
  EXPECT_EQ(Scan(), "c=never ");
}

TEST_F(ExpiredInTransactionsTest, TransactionsThatAreTooOldDoNotCommit) {
  const std::string old = "ERR_SNAPSHOT_TOO_OLD, not applied";
  const uint32_t reads = Begin();
  const uint32_t writes = Begin();
  const uint32_t counts = Begin();
  const uint32_t others = Begin();
  EXPECT_EQ(Get("b", reads), "(none)");
  EXPECT_EQ(Count(counts), "0");
  ASSERT_TRUE(IsOk(session_->AppendTo(writes, PutBatch("x", 0, "1"))));
  const std::string elsewhere = testing::BatchBuilder().Put(0, "x", "1").Build();
  ASSERT_TRUE(IsOk(session_->AppendTo(others, elsewhere)));
  Wait(kGrace + 1000);
  EXPECT_EQ(Get("b", reads), "ERR_SNAPSHOT_TOO_OLD");
  EXPECT_EQ(Commit(reads), old);
  EXPECT_EQ(Commit(writes), old);
  EXPECT_EQ(Commit(counts), old);
  EXPECT_EQ(Commit(others), "OK");
  EXPECT_EQ(Get("x"), "(none)");
  // Run again, it has a new start.
  ASSERT_TRUE(IsOk(session_->Retry(writes, nullptr).error));
  ASSERT_TRUE(IsOk(session_->StartNow(writes)));
  ASSERT_TRUE(IsOk(session_->AppendTo(writes, PutBatch("x", 0, "1"))));
  EXPECT_EQ(Commit(writes), "OK");
  EXPECT_EQ(Get("x"), "1");
}

}  // namespace
}  // namespace rocksdb_live
