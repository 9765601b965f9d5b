#include "engine/reads/range_work.h"

#include <algorithm>
#include <random>
#include <set>

#include "engine/base/read_options.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

class RangeWorkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const OpenRequest request = testing::RequestFor(dir_ / "db");
    std::filesystem::create_directories(request.path);
    store_ = testing::OpenStore(request);
  }
  Cursor::Config Config(int64_t limit = -1) const {
    Cursor::Config config;
    config.family = store_->FindFamily(0);
    config.range.limit = limit;
    return config;
  }
  void Fill(int rows) {
    testing::BatchBuilder batch;
    for (int i = 0; i < rows; ++i) batch.Put(0, testing::Key(i), "v");
    std::string bytes = batch.Build();
    EXPECT_TRUE(IsOk(store_->Write(&bytes, 0)));
  }
  uint64_t Count(const Cursor::Config& config) {
    const Result<uint64_t> count = CountRange(config, never_, Deadline(0));
    EXPECT_TRUE(IsOk(count.error));
    return count.value;
  }
  void Clear(const Cursor::Config& config) {
    std::string batch;
    EXPECT_TRUE(IsOk(MakeClearBatch(config, never_, &batch)));
    if (!batch.empty()) {
      EXPECT_TRUE(IsOk(store_->Write(&batch, 0)));
    }
  }

  testing::TempDir dir_;
  std::shared_ptr<Store> store_;
  const std::atomic<bool> never_{false};
};

TEST_F(RangeWorkTest, CountsWithinBoundsAndLimit) {
  EXPECT_EQ(Count(Config()), 0u);
  Fill(10000);
  EXPECT_EQ(Count(Config()), 10000u);
  EXPECT_EQ(Count(Config(0)), 0u);
  EXPECT_EQ(Count(Config(7)), 7u);
  EXPECT_EQ(Count(Config(20000)), 10000u);
  Cursor::Config config = Config();
  config.range.lower = testing::Key(100);
  config.range.upper = testing::Key(300);
  EXPECT_EQ(Count(config), 200u);
  config.range.reverse = true;
  EXPECT_EQ(Count(config), 200u);
}

TEST_F(RangeWorkTest, CountsAtASnapshot) {
  Fill(10);
  Cursor::Config config = Config();
  config.snapshot = std::make_shared<Snapshot>(store_->db());
  Clear(Config());
  EXPECT_EQ(Count(config), 10u);
  EXPECT_EQ(Count(Config()), 0u);
}

TEST_F(RangeWorkTest, EndsEarlyWhereTheDatabaseClosesOrTimeIsUp) {
  Fill(10000);
  const std::atomic<bool> closing{true};
  EXPECT_EQ(CountRange(Config(), closing, Deadline(0)).error.code(), Code::kAborted);
  EXPECT_EQ(CountRange(Config(), never_, Deadline(1)).error.code(), Code::kTimedOut);
  std::string batch;
  EXPECT_EQ(MakeClearBatch(Config(9999), closing, &batch).code(), Code::kAborted);
}

TEST_F(RangeWorkTest, MakesNoBatchWhereThereIsNothingToClear) {
  std::string batch = "left over";
  EXPECT_TRUE(IsOk(MakeClearBatch(Config(), never_, &batch)));
  EXPECT_TRUE(batch.empty());
  Fill(3);
  EXPECT_TRUE(IsOk(MakeClearBatch(Config(0), never_, &batch)));
  EXPECT_TRUE(batch.empty());
}

TEST_F(RangeWorkTest, ClearsAMillionRowsWithTwoRecords) {
  Fill(5000);
  std::string batch;
  EXPECT_TRUE(IsOk(MakeClearBatch(Config(), never_, &batch)));
  EXPECT_EQ(BatchCount(batch), 2u);
  EXPECT_TRUE(IsOk(store_->Write(&batch, 0)));
  EXPECT_EQ(Count(Config()), 0u);
}

// Only another program can have written one; lib/ refuses it.
TEST_F(RangeWorkTest, ClearsAnEmptyKeyAlone) {
  for (const bool reverse : {false, true}) {
    Fill(3);
    EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "", "v")));
    Cursor::Config config = Config(1);
    config.range.reverse = reverse;
    Clear(config);
    EXPECT_EQ(Count(Config()), 3u);
    EXPECT_EQ(testing::Get(store_.get(), 0, testing::Key(1)), "v");
  }
  Clear(Config());
  EXPECT_EQ(Count(Config()), 0u);
}

TEST_F(RangeWorkTest, ClearsWhatAnOrderedSetWould) {
  const unsigned seed = 7;
  std::mt19937 random(seed);
  std::set<std::string> model;
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 20; ++i) {
      const std::string key = testing::Key(static_cast<int>(random() % 200));
      EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, key, "v")));
      model.insert(key);
    }
    Cursor::Config config = Config();
    if (random() % 2 == 0) config.range.lower = testing::Key(static_cast<int>(random() % 200));
    if (random() % 2 == 0) config.range.upper = testing::Key(static_cast<int>(random() % 200));
    if (random() % 2 == 0) config.range.limit = static_cast<int64_t>(random() % 30);
    config.range.reverse = random() % 2 == 0;

    std::vector<std::string> in_range;
    for (const std::string& key : model) {
      if (config.range.lower && key < *config.range.lower) continue;
      if (config.range.upper && key >= *config.range.upper) continue;
      in_range.push_back(key);
    }
    const auto limit = config.range.limit < 0
                           ? in_range.size()
                           : std::min(in_range.size(), static_cast<size_t>(config.range.limit));
    EXPECT_EQ(Count(config), limit) << "seed " << seed << ", round " << round;
    if (config.range.reverse) std::reverse(in_range.begin(), in_range.end());
    for (size_t i = 0; i < limit; ++i) model.erase(in_range[i]);
    Clear(config);
    ASSERT_EQ(Count(Config()), model.size()) << "seed " << seed << ", round " << round;
  }
  for (const std::string& key : model) EXPECT_EQ(testing::Get(store_.get(), 0, key), "v");
}

}  // namespace
}  // namespace rocksdb_live
