#include "engine/transactions/commit_window.h"

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;

std::string Put(const std::string& key) { return BatchBuilder().Put(0, key, "value").Build(); }

ReadSet Reads(const std::string& key) {
  ReadSet reads;
  reads.AddKey(0, key);
  reads.Prepare();
  return reads;
}

Clash::Kind CheckKind(const CommitWindow& window, const ReadSet& reads, uint64_t since) {
  uint64_t until = 0;
  return window.Check(reads, since, &until).kind;
}

TEST(CommitWindow, TellsNothingWhileNobodyAsks) {
  CommitWindow window(1 << 20);
  EXPECT_FALSE(window.tracking());
  EXPECT_EQ(window.Join(), 0U);
  window.StartTracking();
  window.Add(Put("a"));
  EXPECT_EQ(window.bytes(), 0U);
  const uint64_t start = window.Join();
  EXPECT_NE(start, 0U);
  EXPECT_EQ(CheckKind(window, Reads("a"), start), Clash::Kind::kNone);
}

TEST(CommitWindow, FindsWhatWasWrittenSince) {
  CommitWindow window(1 << 20);
  window.StartTracking();
  const uint64_t first = window.Join();
  window.Add(Put("a"));
  const uint64_t second = window.Join();
  window.Add(Put("b"));
  EXPECT_EQ(CheckKind(window, Reads("a"), first), Clash::Kind::kKey);
  EXPECT_EQ(CheckKind(window, Reads("a"), second), Clash::Kind::kNone);
  EXPECT_EQ(CheckKind(window, Reads("b"), second), Clash::Kind::kKey);
  EXPECT_EQ(CheckKind(window, Reads("c"), first), Clash::Kind::kNone);
  uint64_t until = 0;
  const Clash clash = window.Check(Reads("b"), first, &until);
  EXPECT_EQ(clash.key, "b");
  EXPECT_EQ(until, window.newest());
}

TEST(CommitWindow, KnowsRangesAndFamilies) {
  CommitWindow window(1 << 20);
  window.StartTracking();
  const uint64_t start = window.Join();
  window.Add(BatchBuilder().DeleteRange(0, "b", "d").Build());
  EXPECT_EQ(CheckKind(window, Reads("a"), start), Clash::Kind::kNone);
  EXPECT_EQ(CheckKind(window, Reads("b"), start), Clash::Kind::kRange);
  EXPECT_EQ(CheckKind(window, Reads("d"), start), Clash::Kind::kNone);
  ReadSet range;
  range.AddRange({0, "c", std::nullopt});
  range.Prepare();
  EXPECT_EQ(CheckKind(window, range, start), Clash::Kind::kRange);
  ReadSet other;
  other.AddKey(7, "x");
  other.Prepare();
  EXPECT_EQ(CheckKind(window, other, start), Clash::Kind::kNone);
  window.AddDropped(7);
  EXPECT_EQ(CheckKind(window, other, start), Clash::Kind::kRange);
}

TEST(CommitWindow, LetsGoOfWhatNobodyNeeds) {
  CommitWindow window(64 << 20);
  window.StartTracking();
  const uint64_t old = window.Join();
  for (int i = 0; i < 20000; ++i) window.Add(Put("key " + std::to_string(i)));
  const uint64_t young = window.Join();
  for (int i = 0; i < 2000; ++i) window.Add(Put("more " + std::to_string(i)));
  const size_t both = window.bytes();
  window.Leave(old);
  EXPECT_LT(window.bytes(), both / 2);
  EXPECT_EQ(CheckKind(window, Reads("more 7"), young), Clash::Kind::kKey);
  EXPECT_EQ(CheckKind(window, Reads("key 7"), young), Clash::Kind::kNone);
  window.Leave(young);
  EXPECT_EQ(window.bytes(), 0U);
}

TEST(CommitWindow, ForgetsTheOldestWhereThereIsTooMuch) {
  constexpr size_t kMost = 1 << 20;
  CommitWindow window(kMost);
  window.StartTracking();
  const uint64_t old = window.Join();
  for (int i = 0; i < 100000; ++i) window.Add(Put("key " + std::to_string(i)));
  const uint64_t young = window.Join();
  EXPECT_LE(window.bytes(), kMost + (128 << 10));
  EXPECT_EQ(CheckKind(window, Reads("none"), old), Clash::Kind::kTooOld);
  EXPECT_EQ(CheckKind(window, Reads("none"), young), Clash::Kind::kNone);
}

TEST(ReadSet, BecomesRangesWhereItIsLarge) {
  ReadSet reads;
  for (int i = 0; i < 200000; ++i) reads.AddKey(i % 2, "key " + std::to_string(i));
  EXPECT_LE(reads.bytes(), ReadSet::kMostBytes);
  reads.Prepare();
  for (int i = 0; i < 200000; i += 777) {
    EXPECT_TRUE(reads.Has(i % 2, "key " + std::to_string(i)));
  }
  EXPECT_FALSE(reads.Has(0, "a"));
  EXPECT_FALSE(reads.Has(0, "z"));
  EXPECT_FALSE(reads.Has(2, "key 1"));
  EXPECT_TRUE(reads.Meets(1, "key 5", "key 6"));
  EXPECT_FALSE(reads.Meets(1, "a", "b"));
}

TEST(ReadSet, TakesOneKeyAgainAndAgain) {
  ReadSet reads;
  for (int i = 0; i < 500000; ++i) reads.AddKey(0, "the same key");
  EXPECT_LE(reads.bytes(), ReadSet::kMostBytes);
  reads.Prepare();
  EXPECT_TRUE(reads.Has(0, "the same key"));
  EXPECT_FALSE(reads.Has(0, "the same kez"));
}

}  // namespace
}  // namespace rocksdb_live
