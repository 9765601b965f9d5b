#include "engine/changes/ring.h"

#include <thread>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;

// A batch of one row, as it is after its write.
std::string Written(uint64_t sequence, size_t value_bytes = 1) {
  std::string batch = BatchBuilder().Put(0, "k", std::string(value_bytes, 'v')).Build();
  for (size_t i = 0; i < 8; ++i) batch[i] = static_cast<char>(sequence >> (8 * i) & 0xff);
  return batch;
}

std::vector<uint64_t> Read(ChangeRing& ring, uint64_t next, ChangeRing::Found expected,
                           size_t most_bytes = 1 << 20) {
  std::vector<std::shared_ptr<const CommittedBatch>> commits;
  EXPECT_EQ(ring.Read(next, UINT64_MAX, most_bytes, &commits), expected);
  std::vector<uint64_t> sequences;
  for (const auto& commit : commits) sequences.push_back(commit->first);
  return sequences;
}

using Found = ChangeRing::Found;
using Sequences = std::vector<uint64_t>;

TEST(ChangeRing, GivesCommitsInOrderWithoutAHole) {
  ChangeRing ring;
  ring.Join(5);
  ring.Add(Written(6), false);
  ring.Add(Written(8), false);
  EXPECT_EQ(Read(ring, 5, Found::kTail), Sequences());
  ring.Add(Written(5), false);
  EXPECT_EQ(Read(ring, 5, Found::kCommits), (Sequences{5, 6}));
  EXPECT_EQ(Read(ring, 7, Found::kTail), Sequences());
  ring.Add(Written(7), false);
  EXPECT_EQ(Read(ring, 6, Found::kCommits), (Sequences{6, 7, 8}));
  EXPECT_EQ(ring.end(), 9U);
}

TEST(ChangeRing, ForgetsTheOldestAndSaysSo) {
  ChangeRing ring(1000);
  ring.Join(1);
  for (uint64_t sequence = 1; sequence <= 20; ++sequence) ring.Add(Written(sequence, 100), false);
  EXPECT_EQ(Read(ring, 1, Found::kBehind), Sequences());
  EXPECT_EQ(Read(ring, 20, Found::kCommits), Sequences{20});
  // One that is larger than the ring does not stay, and those before it do not either.
  ring.Add(Written(21, 2000), false);
  EXPECT_EQ(Read(ring, 20, Found::kBehind), Sequences());
  EXPECT_EQ(Read(ring, 22, Found::kTail), Sequences());
}

TEST(ChangeRing, GivesOneCommitAtLeastAndAtMostTheBytes) {
  ChangeRing ring;
  ring.Join(1);
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) ring.Add(Written(sequence, 100), false);
  EXPECT_EQ(Read(ring, 1, Found::kCommits, 1), Sequences{1});
  EXPECT_EQ(Read(ring, 1, Found::kCommits, 250), (Sequences{1, 2}));
}

// Told, at some time, on another thread.
class Told {
 public:
  Told() : wait_(std::make_shared<ChangeWait>([this] { gate_.Open(); })) {}
  const std::shared_ptr<ChangeWait>& wait() const { return wait_; }
  void Await() { gate_.Wait(); }

 private:
  testing::Gate gate_;
  const std::shared_ptr<ChangeWait> wait_;
};

TEST(ChangeRing, TellsWhoWaits) {
  ChangeRing ring;
  ring.Join(1);
  Told first;
  EXPECT_TRUE(ring.Wait(1, false, first.wait()));
  EXPECT_FALSE(first.wait()->told());
  // Also of one that it cannot have yet: it looks, and waits again.
  ring.Add(Written(2), false);
  first.Await();
  Told second;
  EXPECT_TRUE(ring.Wait(1, false, second.wait()));
  ring.Add(Written(1), false);
  second.Await();
  EXPECT_FALSE(ring.Wait(2, false, second.wait()));
  Told last;
  EXPECT_TRUE(ring.Wait(3, false, last.wait()));
  ring.Stop();
  last.Await();
  EXPECT_FALSE(ring.Wait(3, false, last.wait()));
}

TEST(ChangeRing, TellsWhoWaitsForTheDiskOfSyncs) {
  ChangeRing ring;
  ring.Join(1);
  ring.Add(Written(1), false);
  EXPECT_EQ(ring.synced(), 0U);
  Told told;
  EXPECT_TRUE(ring.Wait(1, true, told.wait()));
  ring.Add(Written(2), true);
  told.Await();
  EXPECT_EQ(ring.synced(), 3U);
  EXPECT_FALSE(ring.Wait(1, true, told.wait()));
}

TEST(ChangeRing, IsEmptyWithoutReaders) {
  ChangeRing ring;
  EXPECT_FALSE(ring.active());
  ring.Join(1);
  ring.Join(1);
  ring.Add(Written(1), false);
  ring.Leave();
  EXPECT_TRUE(ring.active());
  EXPECT_EQ(Read(ring, 1, Found::kCommits), Sequences{1});
  ring.Leave();
  EXPECT_FALSE(ring.active());
}

// A rule of RocksDB's that the ring stands on: after Write, the batch has its sequence number.
class SequenceOfBatch : public ::testing::TestWithParam<std::pair<const char*, OptionMap>> {};

TEST_P(SequenceOfBatch, IsThereAfterTheWrite) {
  const testing::TempDir temp;
  OpenRequest request = testing::RequestFor(temp.path());
  request.db = GetParam().second;
  Result<std::shared_ptr<Store>> opened = Store::Open(request);
  ASSERT_TRUE(IsOk(opened.error));
  Store& store = *opened.value;
  const Result<OpenedFeed> feed = store.changes().Open({"now", false, false});
  ASSERT_TRUE(IsOk(feed.error));
  const uint64_t next = feed.value.feed->at.next;
  constexpr uint64_t kThreads = 4;
  constexpr uint64_t kWrites = 500;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&store, thread] {
      for (uint64_t n = 0; n < kWrites; ++n) {
        const std::string key = std::to_string(thread) + "-" + std::to_string(n);
        std::string batch = BatchBuilder().Put(0, key, "v").Put(0, key + "b", "w").Build();
        ASSERT_TRUE(IsOk(store.Write(&batch, 0)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Each commit took two numbers, and none is missing.
  EXPECT_EQ(store.changes().ring().end(), next + 2 * kThreads * kWrites);
  EXPECT_EQ(store.changes().ring().end(), store.db()->GetLatestSequenceNumber() + 1);
}

INSTANTIATE_TEST_SUITE_P(
    WriteModes, SequenceOfBatch,
    ::testing::Values(std::make_pair("plain", OptionMap{}),
                      std::make_pair("pipelined", OptionMap{{"enable_pipelined_write", "true"}}),
                      std::make_pair("unordered", OptionMap{{"unordered_write", "true"}}),
                      std::make_pair("serial",
                                     OptionMap{{"allow_concurrent_memtable_write", "false"}}),
                      std::make_pair("manual", OptionMap{{"manual_wal_flush", "true"}}),
                      std::make_pair("compressed", OptionMap{{"wal_compression", "kZSTD"}})),
    [](const auto& info) { return std::string(info.param.first); });

}  // namespace
}  // namespace rocksdb_live
