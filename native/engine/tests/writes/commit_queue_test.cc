#include "engine/writes/commit_queue.h"

#include <map>
#include <new>
#include <thread>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;
using testing::Gate;

std::string One(const std::string& key) { return BatchBuilder().Put(0, key, "value").Build(); }

// Records what is written, and can block the queue's thread.
class Writer {
 public:
  struct Written {
    std::string batch;
    uint32_t flags;
  };
  CommitQueue::Write function() {
    return [this](std::string* batch, uint32_t flags, const std::vector<BatchSize>&) {
      Gate* gate = nullptr;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        std::swap(gate, gate_);
      }
      if (gate != nullptr) {
        entered_.Open();
        gate->Wait();
      }
      std::lock_guard<std::mutex> lock(mutex_);
      written_.push_back({*batch, flags});
      const auto failure = failures_.begin();
      if (failure == failures_.end() || batch->find(failure->first) == std::string::npos) {
        return Error();
      }
      return failure->second;
    };
  }
  // Blocks the next write; returns at once.
  void Hold(Gate* gate) {
    std::lock_guard<std::mutex> lock(mutex_);
    gate_ = gate;
  }
  void WaitEntered() { entered_.Wait(); }
  // Batches that contain `text` fail.
  void FailOn(const std::string& text, Error error) {
    std::lock_guard<std::mutex> lock(mutex_);
    failures_.emplace(text, std::move(error));
  }
  std::vector<Written> written() {
    std::lock_guard<std::mutex> lock(mutex_);
    return written_;
  }

 private:
  std::mutex mutex_;
  Gate* gate_ = nullptr;
  Gate entered_;
  std::vector<Written> written_;
  std::map<std::string, Error> failures_;
};

class Sink : public CommitSink {
 public:
  void OnCommitted(std::vector<uint32_t> ids, const Error& error) override {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const uint32_t id : ids) {
      order.push_back(id);
      errors.emplace(id, error);
    }
    changed_.notify_all();
  }
  void OnMeasured(uint32_t id, const Timings& timings) override {
    std::lock_guard<std::mutex> lock(mutex_);
    EXPECT_EQ(errors.count(id), 0u) << "before its outcome";
    measured.emplace(id, timings);
  }
  void WaitFor(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return order.size() >= count; });
  }
  std::vector<uint32_t> order;
  std::map<uint32_t, Error> errors;
  std::map<uint32_t, Timings> measured;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

class CommitQueueTest : public ::testing::Test {
 protected:
  // Submits a batch that keeps the thread busy until the gate opens.
  void Block(CommitQueue* queue) {
    writer_.Hold(&gate_);
    queue->Submit(One("first"), 0, 1000, sink_, nullptr);
    writer_.WaitEntered();
  }

  Writer writer_;
  Gate gate_;
  std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();
};

TEST_F(CommitQueueTest, KeepsTheOrderAndSaysSo) {
  CommitQueue queue(writer_.function());
  for (uint32_t id = 0; id < 500; ++id) {
    queue.Submit(One(testing::Key(static_cast<int>(id))), id % 3 == 0 ? 1 : 0, id, sink_, nullptr);
  }
  sink_->WaitFor(500);
  std::string all;
  for (const auto& written : writer_.written()) all += written.batch.substr(kBatchHeader);
  size_t at = 0;
  for (uint32_t id = 0; id < 500; ++id) {
    EXPECT_EQ(sink_->order[id], id);
    at = all.find(testing::Key(static_cast<int>(id)), at);
    ASSERT_NE(at, std::string::npos) << id;
  }
}

TEST_F(CommitQueueTest, TellsWhatThoseThatAreMeasuredHaveWaitedFor) {
  CommitQueue queue(writer_.function());
  Block(&queue);
  queue.Submit(One("a"), 0, 1, sink_, nullptr);
  bool told = false;
  {
    const Measuring measuring(true);
    queue.Submit(One("b"), 0, 2, sink_, nullptr);
    const auto done = [&told](const Error&) { told = ToldTimings::Now() != nullptr; };
    queue.SubmitPrepared([](std::string*) { return Error(); }, 0, done, nullptr);
  }
  queue.Submit(One("c"), 0, 3, sink_, nullptr);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  gate_.Open();
  sink_->WaitFor(4);
  ASSERT_EQ(sink_->measured.size(), 1u);
  EXPECT_GE(sink_->measured[2].queue_ms, 2);
  EXPECT_EQ(sink_->measured[2].wal_ms, 0);
  EXPECT_TRUE(told);
}

TEST_F(CommitQueueTest, MergesWhatWaits) {
  CommitQueue queue(writer_.function());
  Block(&queue);
  for (uint32_t id = 0; id < 10; ++id) {
    queue.Submit(BatchBuilder().Put(0, "a", "1").Delete(0, "b").Build(), 0, id, sink_, nullptr);
  }
  gate_.Open();
  sink_->WaitFor(11);
  const auto written = writer_.written();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(BatchCount(written[1].batch), 20u);
  EXPECT_EQ(written[1].batch.size(),
            kBatchHeader + 10 * (BatchBuilder().Put(0, "a", "1").Delete(0, "b").Build().size() -
                                 kBatchHeader));
}

TEST_F(CommitQueueTest, MergesOnlyWhatAsksForTheSame) {
  CommitQueue queue(writer_.function());
  Block(&queue);
  const std::vector<uint32_t> flags = {0, 0, 1, 1, 0};
  for (uint32_t id = 0; id < flags.size(); ++id) {
    queue.Submit(One("key"), flags[id], id, sink_, nullptr);
  }
  gate_.Open();
  sink_->WaitFor(6);
  std::vector<std::pair<uint32_t, uint32_t>> seen;
  for (const auto& written : writer_.written()) {
    seen.emplace_back(written.flags, BatchCount(written.batch));
  }
  const std::vector<std::pair<uint32_t, uint32_t>> expected = {{0, 1}, {0, 2}, {1, 2}, {0, 1}};
  EXPECT_EQ(seen, expected);
}

TEST_F(CommitQueueTest, BoundsAMergedWrite) {
  CommitQueue queue(writer_.function());
  Block(&queue);
  const std::string large = BatchBuilder().Put(0, "key", std::string(400 << 10, 'v')).Build();
  for (uint32_t id = 0; id < 5; ++id) queue.Submit(large, 0, id, sink_, nullptr);
  gate_.Open();
  sink_->WaitFor(6);
  EXPECT_EQ(writer_.written().size(), 4u);  // the first, then 2 + 2 + 1
}

TEST_F(CommitQueueTest, FailsARefusedBatchAlone) {
  CommitQueue queue(writer_.function());
  writer_.FailOn("bad", Error(Code::kDropped, "no such family", Outcome::kNotApplied));
  Block(&queue);
  queue.Submit(One("good1"), 0, 1, sink_, nullptr);
  queue.Submit(One("bad"), 0, 2, sink_, nullptr);
  queue.Submit(One("good2"), 0, 3, sink_, nullptr);
  gate_.Open();
  sink_->WaitFor(4);
  EXPECT_EQ(sink_->order, (std::vector<uint32_t>{1000, 1, 2, 3}));
  EXPECT_TRUE(IsOk(sink_->errors[1]));
  EXPECT_EQ(sink_->errors[2].code(), Code::kDropped);
  EXPECT_TRUE(IsOk(sink_->errors[3]));
  const auto written = writer_.written();
  ASSERT_EQ(written.size(), 5u);  // the first, the group, then each alone
  EXPECT_EQ(written[2].batch, One("good1"));
  EXPECT_EQ(written[3].batch, One("bad"));
  EXPECT_EQ(written[4].batch, One("good2"));
}

TEST_F(CommitQueueTest, FailsTheWholeGroupWhereTheDiskDoes) {
  CommitQueue queue(writer_.function());
  writer_.FailOn("bad", Error(Code::kIo, "disk", Outcome::kUnknown));
  Block(&queue);
  queue.Submit(One("good"), 0, 1, sink_, nullptr);
  queue.Submit(One("bad"), 0, 2, sink_, nullptr);
  gate_.Open();
  sink_->WaitFor(3);
  EXPECT_EQ(writer_.written().size(), 2u);
  for (const uint32_t id : {1u, 2u}) {
    EXPECT_EQ(sink_->errors[id].code(), Code::kIo);
    EXPECT_EQ(sink_->errors[id].outcome(), Outcome::kUnknown);
  }
}

TEST_F(CommitQueueTest, OutlivesAWriteThatFindsNoMemory) {
  bool fails = true;
  CommitQueue queue([&](std::string*, uint32_t, const std::vector<BatchSize>&) -> Error {
    if (fails) throw std::bad_alloc();
    return Error();
  });
  EXPECT_EQ(queue.SubmitAndWait(One("key"), 0).code(), Code::kBusy);
  fails = false;
  EXPECT_TRUE(IsOk(queue.SubmitAndWait(One("key"), 0)));
}

TEST_F(CommitQueueTest, IsIdleOnlyWhenNothingIsLeft) {
  CommitQueue queue(writer_.function());
  EXPECT_TRUE(queue.idle());
  Block(&queue);
  EXPECT_FALSE(queue.idle());
  gate_.Open();
  sink_->WaitFor(1);
  EXPECT_TRUE(queue.idle());  // callbacks find it so
}

TEST_F(CommitQueueTest, WaitsForWhatCameBefore) {
  CommitQueue queue(writer_.function());
  Block(&queue);
  queue.Submit(One("second"), 1, 1, sink_, nullptr);
  std::thread opener([this] { gate_.Open(); });
  EXPECT_TRUE(IsOk(queue.SubmitAndWait(One("third"), 0)));
  opener.join();
  const auto written = writer_.written();
  ASSERT_EQ(written.size(), 3u);
  EXPECT_EQ(written[2].batch, One("third"));
}

TEST_F(CommitQueueTest, GivesTheErrorToWhoWaits) {
  CommitQueue queue(writer_.function());
  writer_.FailOn("bad", Error(Code::kNoSpace, "full", Outcome::kUnknown));
  EXPECT_EQ(queue.SubmitAndWait(One("bad"), 0).code(), Code::kNoSpace);
  EXPECT_TRUE(IsOk(queue.SubmitAndWait(One("good"), 0)));
}

TEST_F(CommitQueueTest, PreparesABatchWhenItsTurnHasCome) {
  CommitQueue queue(writer_.function());
  Block(&queue);
  queue.Submit(One("second"), 0, 1, sink_, nullptr);
  size_t written_before = 0;
  Gate done;
  queue.SubmitPrepared(
      [&](std::string* batch) {
        written_before = writer_.written().size();
        *batch = One("prepared");
        return Error();
      },
      0,
      [&](const Error& error) {
        EXPECT_TRUE(IsOk(error));
        done.Open();
      },
      nullptr);
  queue.Submit(One("last"), 0, 2, sink_, nullptr);
  gate_.Open();
  done.Wait();
  sink_->WaitFor(3);
  EXPECT_EQ(written_before, 2u);
  const auto written = writer_.written();
  ASSERT_EQ(written.size(), 4u);
  EXPECT_EQ(written[2].batch, One("prepared"));
}

TEST_F(CommitQueueTest, WritesNothingForAnEmptyOrFailedPreparation) {
  CommitQueue queue(writer_.function());
  for (const bool fails : {false, true}) {
    Gate done;
    Error seen;
    queue.SubmitPrepared(
        [&](std::string*) { return fails ? Error(Code::kAborted, "closing") : Error(); }, 0,
        [&](const Error& error) {
          seen = error;
          done.Open();
        },
        nullptr);
    done.Wait();
    EXPECT_EQ(seen.code(), fails ? Code::kAborted : Code::kOk);
  }
  EXPECT_TRUE(writer_.written().empty());
}

TEST_F(CommitQueueTest, WritesWhatWaitsBeforeItEnds) {
  {
    CommitQueue queue(writer_.function());
    Block(&queue);
    for (uint32_t id = 0; id < 20; ++id) queue.Submit(One("key"), id % 2, id, sink_, nullptr);
    gate_.Open();
  }
  EXPECT_EQ(sink_->order.size(), 21u);
}

TEST_F(CommitQueueTest, LetsGoOfItsHoldAfterTelling) {
  class Told : public CommitSink {
   public:
    void OnCommitted(std::vector<uint32_t>, const Error&) override { held = !hold.expired(); }
    std::weak_ptr<int> hold;
    bool held = false;
  };
  auto told = std::make_shared<Told>();
  {
    CommitQueue queue(writer_.function());
    auto hold = std::make_shared<int>(1);
    told->hold = hold;
    queue.Submit(One("key"), 0, 1, told, std::move(hold));
  }
  EXPECT_TRUE(told->held);
  EXPECT_TRUE(told->hold.expired());
}

TEST_F(CommitQueueTest, TakesBatchesOfManyThreads) {
  constexpr uint32_t kThreads = 4;
  constexpr uint32_t kEach = 2000;
  {
    CommitQueue queue(writer_.function());
    std::vector<std::thread> threads;
    for (uint32_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (uint32_t i = 0; i < kEach; ++i) {
          if (i % 500 == 499) {
            EXPECT_TRUE(IsOk(queue.SubmitAndWait(One("key"), 0)));
          }
          queue.Submit(One("key"), i % 2, thread * kEach + i, sink_, nullptr);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  ASSERT_EQ(sink_->order.size(), size_t{kThreads} * kEach);
  std::vector<uint32_t> next(kThreads, 0);
  for (const uint32_t id : sink_->order) EXPECT_EQ(id % kEach, next[id / kEach]++);
}

}  // namespace
}  // namespace rocksdb_live
