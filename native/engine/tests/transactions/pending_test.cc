// Commits of a replica that are pending, in the window that transactions are checked against.
#include "engine/tests/support.h"
#include "engine/transactions/commit_window.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;
using testing::Key;

std::string Put(const std::string& key) { return BatchBuilder().Put(0, key, "value").Build(); }

ReadSet Reads(const std::string& key) {
  ReadSet reads;
  reads.AddKey(0, key);
  reads.Prepare();
  return reads;
}

Clash::Kind CheckKind(const CommitWindow& window, const std::string& key, uint64_t since) {
  uint64_t until = 0;
  return window.Check(Reads(key), since, &until).kind;
}

class PendingTest : public ::testing::Test {
 protected:
  PendingTest() { window_.TrackAlways(); }
  CommitWindow window_{1 << 20};
};

TEST_F(PendingTest, ConflictsWithWhoBeginsMeanwhile) {
  const uint64_t before = window_.Join();
  const uint64_t pending = window_.AddPending(Put("a"));
  const uint64_t meanwhile = window_.Join();
  EXPECT_LT(meanwhile, pending);
  EXPECT_EQ(CheckKind(window_, "a", before), Clash::Kind::kKey);
  EXPECT_EQ(CheckKind(window_, "a", meanwhile), Clash::Kind::kKey);
  EXPECT_EQ(CheckKind(window_, "b", meanwhile), Clash::Kind::kNone);
  window_.EndPending(pending);
  const uint64_t after = window_.Join();
  EXPECT_GE(after, pending);
  EXPECT_EQ(CheckKind(window_, "a", after), Clash::Kind::kNone);
  EXPECT_EQ(CheckKind(window_, "a", meanwhile), Clash::Kind::kKey);
}

TEST_F(PendingTest, KeepsToTheOldestOfMany) {
  const uint64_t first = window_.AddPending(Put("a"));
  const uint64_t second = window_.AddPending(Put("b"));
  EXPECT_LT(window_.Join(), first);
  window_.EndPending(first);
  const uint64_t start = window_.Join();
  EXPECT_GE(start, first);
  EXPECT_LT(start, second);
  EXPECT_EQ(CheckKind(window_, "a", start), Clash::Kind::kNone);
  EXPECT_EQ(CheckKind(window_, "b", start), Clash::Kind::kKey);
  EXPECT_EQ(window_.Settled(), start);
}

TEST_F(PendingTest, IsFoundWithoutTransactions) {
  EXPECT_FALSE(window_.IsPending(Reads("a")));
  const uint64_t pending = window_.AddPending(Put("a"));
  EXPECT_TRUE(window_.IsPending(Reads("a")));
  EXPECT_FALSE(window_.IsPending(Reads("b")));
  window_.EndPending(pending);
  EXPECT_FALSE(window_.IsPending(Reads("a")));
  EXPECT_EQ(window_.bytes(), 0U);
}

TEST_F(PendingTest, FindsDropsAndRanges) {
  const uint64_t drop = window_.AddPendingDrop(0);
  EXPECT_TRUE(window_.IsPending(Reads("a")));
  EXPECT_EQ(CheckKind(window_, "a", window_.Join()), Clash::Kind::kRange);
  window_.EndPending(drop);
  const uint64_t range = window_.AddPending(BatchBuilder().DeleteRange(0, "b", "d").Build());
  EXPECT_FALSE(window_.IsPending(Reads("a")));
  EXPECT_TRUE(window_.IsPending(Reads("c")));
  window_.EndPending(range);
}

// Others must not push a pending commit out, however little may be kept.
TEST(Pending, IsKeptPastTheLimit) {
  CommitWindow window(1);
  window.TrackAlways();
  const uint64_t old = window.Join();
  const uint64_t pending = window.AddPending(Put("pending"));
  const uint64_t start = window.Join();
  const std::string large(1000, 'x');
  std::vector<uint64_t> more;
  for (int i = 0; i < 500; ++i) more.push_back(window.AddPending(Put(Key(i) + large)));
  EXPECT_EQ(CheckKind(window, "pending", start), Clash::Kind::kKey);
  EXPECT_TRUE(window.IsPending(Reads("pending")));
  window.EndPending(pending);
  for (const uint64_t each : more) window.EndPending(each);
  // Nothing is pending, so the limit holds again.
  EXPECT_EQ(CheckKind(window, "pending", old), Clash::Kind::kTooOld);
  window.Leave(old);
  window.Leave(start);
  EXPECT_EQ(window.bytes(), 0U);
}

TEST_F(PendingTest, GoesWithTheTransactionsThatNeedIt) {
  const uint64_t first = window_.Join();
  const uint64_t second = window_.Join();
  const uint64_t pending = window_.AddPending(Put("a"));
  const uint64_t third = window_.Join();
  const uint64_t fourth = window_.Join();
  EXPECT_EQ(third, fourth);
  window_.EndPending(pending);
  window_.Leave(third);
  EXPECT_GT(window_.bytes(), 0U);
  window_.Leave(first);
  window_.Leave(second);
  EXPECT_EQ(CheckKind(window_, "a", fourth), Clash::Kind::kKey);
  window_.Leave(fourth);
  EXPECT_EQ(window_.bytes(), 0U);
  EXPECT_TRUE(window_.tracking());
}

}  // namespace
}  // namespace rocksdb_live
