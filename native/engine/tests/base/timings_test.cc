#include "engine/base/timings.h"

#include <thread>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

TEST(Measuring, IsOfOneThreadAndEndsWithTheOuterOne) {
  EXPECT_FALSE(Measuring::On());
  {
    const Measuring outer(true);
    EXPECT_TRUE(Measuring::On());
    {
      const Measuring inner(true);
      const Measuring off(false);
    }
    EXPECT_TRUE(Measuring::On());
    std::thread([] { EXPECT_FALSE(Measuring::On()); }).join();
  }
  EXPECT_FALSE(Measuring::On());
}

TEST(Measuring, IgnoresAnEndTooMany) {
  Measuring::End();
  Measuring::Begin();
  EXPECT_TRUE(Measuring::On());
  Measuring::End();
  EXPECT_FALSE(Measuring::On());
}

TEST(Measuring, KnowsAMomentOnlyWhileItIsOn) {
  EXPECT_FALSE(Measuring::IsSet(Measuring::Since()));
  const Measuring on(true);
  EXPECT_TRUE(Measuring::IsSet(Measuring::Since()));
}

TEST(Measuring, AddsUpWhatWalsTook) {
  const double before = Measuring::WalMs();
  Measuring::AddWal(std::chrono::microseconds(1500));
  EXPECT_DOUBLE_EQ(Measuring::WalMs() - before, 1.5);
}

TEST(ToldTimings, AreThereWhileTheObjectIs) {
  EXPECT_EQ(ToldTimings::Now(), nullptr);
  const Timings timings;
  {
    const ToldTimings told(&timings);
    EXPECT_EQ(ToldTimings::Now(), &timings);
    {
      const ToldTimings none(nullptr);
      EXPECT_EQ(ToldTimings::Now(), nullptr);
    }
    EXPECT_EQ(ToldTimings::Now(), &timings);
  }
  EXPECT_EQ(ToldTimings::Now(), nullptr);
}

}  // namespace
}  // namespace rocksdb_live
