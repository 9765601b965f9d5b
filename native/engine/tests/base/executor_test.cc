#include "engine/base/executor.h"

#include <atomic>
#include <memory>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::Gate;

TEST(ExecutorTest, RunsTwoJobsAtOnce) {
  Executor executor;
  Gate first;
  Gate second;
  Gate both;
  // Each ends only after the other has begun.
  executor.Run([&] {
    first.Open();
    second.Wait();
    both.Open();
  });
  executor.Run([&] {
    second.Open();
    first.Wait();
  });
  both.Wait();
}

TEST(ExecutorTest, RunsWhatIsQueuedBeforeItEnds) {
  std::atomic<int> ran{0};
  Gate gate;
  {
    Executor executor;
    executor.Run([&] { gate.Wait(); });
    executor.Run([&] { gate.Wait(); });
    for (int i = 0; i < 100; ++i) executor.Run([&] { ++ran; });
    EXPECT_EQ(ran, 0);
    gate.Open();
  }
  EXPECT_EQ(ran, 100);
}

TEST(ExecutorTest, StartsNoThreadForNothing) { Executor executor; }

TEST(ExecutorTest, LetsGoOfAJobBeforeTheNext) {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> seen = held;
  Gate done;
  Executor executor;
  Gate busy;
  executor.Run([&] { busy.Wait(); });  // one thread is taken, so the jobs below run in order
  executor.Run([held = std::move(held)] {});
  executor.Run([&] {
    EXPECT_TRUE(seen.expired());
    done.Open();
  });
  done.Wait();
  busy.Open();
}

TEST(ExecutorTest, TakesJobsOfManyThreads) {
  std::atomic<int> ran{0};
  {
    Executor executor;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) executor.Run([&] { ++ran; });
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(ran, 8000);
}

TEST(RunOnOwnThreadTest, RunsWhileTheOthersWait) {
  Gate gates[8];
  Gate last;
  for (int i = 0; i < 8; ++i) {
    RunOnOwnThread([&gates, &last, i] {
      if (i > 0) gates[i].Wait();
      if (i == 7) {
        last.Open();
      } else {
        gates[i + 1].Open();
      }
    });
  }
  last.Wait();
}

}  // namespace
}  // namespace rocksdb_live
