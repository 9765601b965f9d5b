#include "engine/watch/recorder.h"

#include <thread>
#include <vector>

#include "engine/base/read_options.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;
using testing::OpenStore;
using testing::RequestFor;
using testing::TempDir;

using Counts = std::vector<uint64_t>;

TEST(HistogramTest, BoundsBelongToTheirBucket) {
  Histogram histogram({0, 10, 20.5});
  for (const uint64_t value : {0, 1, 10, 11, 20, 21, 1000}) histogram.Record(value);
  const HistogramCounts counts = histogram.Read();
  EXPECT_EQ(counts.buckets, (Counts{1, 2, 2, 2}));
  EXPECT_EQ(counts.sum, 1063u);
}

TEST(HistogramTest, CountsTimes) {
  Histogram histogram({10});
  histogram.Record(3, 5);
  EXPECT_EQ(histogram.Read().buckets, (Counts{5, 0}));
  EXPECT_EQ(histogram.Read().sum, 15u);
}

TEST(HistogramTest, LosesNothingToOtherThreads) {
  Histogram histogram({10});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10000; ++n) histogram.Record(n % 20);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const HistogramCounts counts = histogram.Read();
  EXPECT_EQ(counts.buckets[0] + counts.buckets[1], 40000u);
}

TEST(ReadSamplerTest, TakesOneInSoMany) {
  ReadSampler sampler;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(sampler.Take());
  sampler.Set(4);
  int taken = 0;
  for (int i = 0; i < 40; ++i) taken += sampler.Take() ? 1 : 0;
  EXPECT_EQ(taken, 10);
  sampler.Set(0);
  EXPECT_FALSE(sampler.Take());
}

constexpr size_t kWriteTime = HistogramAt("write_batch_ms");
constexpr size_t kWriteOperations = HistogramAt("write_batch_operations");
constexpr size_t kQueueTime = HistogramAt("commit_queue_wait_seconds");

std::shared_ptr<Recorder> NewRecorder() {
  Recorder::Bounds bounds;
  for (const char* name : kHistograms) bounds[name] = {1e6};
  bounds["write_batch_operations"] = {1, 2};
  return Recorder::Make(bounds, 0).value;
}

TEST(RecorderTest, MeasuresWhatHasBounds) {
  const auto recorder = Recorder::Make({{"write_batch_operations", {1, 2}}}, 0);
  ASSERT_TRUE(recorder.ok());
  recorder.value->Record(kWriteTime, 1);
  recorder.value->Record(kWriteOperations, 1);
  EXPECT_EQ(recorder.value->At(kWriteTime), nullptr);
  EXPECT_EQ(recorder.value->At(kWriteOperations)->Read().buckets, (Counts{1, 0, 0}));
  EXPECT_EQ(Recorder::Make({{"no_such_histogram", {1}}}, 0).error.code(), Code::kInvalidArgument);
}

uint64_t Total(const Recorder& recorder, size_t row) {
  uint64_t total = 0;
  for (const uint64_t count : recorder.At(row)->Read().buckets) total += count;
  return total;
}

class StoreRecorderTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = OpenStore(RequestFor(dir_.path())); }

  TempDir dir_;
  std::shared_ptr<Store> store_;
};

TEST_F(StoreRecorderTest, CountsWhileItIsThere) {
  const auto one = NewRecorder();
  const auto two = NewRecorder();
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "before", "v")));
  store_->AddRecorder(one);
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "k", "v")));
  store_->AddRecorder(two);
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "k", "v")));
  store_->RemoveRecorder(one);
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "k", "v")));
  EXPECT_FALSE(IsOk(testing::Put(store_.get(), 7, "no such family", "v")));
  store_->RemoveRecorder(nullptr);
  EXPECT_EQ(Total(*one, kWriteTime), 2u);
  EXPECT_EQ(Total(*two, kWriteTime), 2u);
  EXPECT_EQ(two->At(kWriteOperations)->Read().sum, 2u);
}

// However many of them were merged into one write.
TEST_F(StoreRecorderTest, CountsEachBatchThatWaited) {
  const auto recorder = NewRecorder();
  store_->AddRecorder(recorder);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 25; ++n) {
        const std::string batch = BatchBuilder().Put(0, "a", "1").Put(0, "b", "2").Build();
        EXPECT_TRUE(IsOk(store_->commits().SubmitAndWait(batch, kSync)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Total(*recorder, kWriteTime), 200u);
  EXPECT_EQ(recorder->At(kWriteOperations)->Read().buckets, (Counts{0, 200, 0}));
  EXPECT_EQ(Total(*recorder, kQueueTime), 200u);
}

}  // namespace
}  // namespace rocksdb_live
