// The decisions of a session about reads, cursors and writes.
#include <future>

#include "engine/base/read_options.h"
#include "engine/reads/range_work.h"
#include "engine/store/registry.h"
#include "engine/store/session.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

// Hears what left the commit queue.
class Sink : public CommitSink {
 public:
  void OnCommitted(std::vector<uint32_t> ids, const Error& error) override {
    EXPECT_TRUE(IsOk(error));
    committed.set_value(ids);
  }
  std::promise<std::vector<uint32_t>> committed;
};

class SessionWorkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<std::shared_ptr<Session>> opened = Session::Open(testing::RequestFor(dir_ / "db"));
    ASSERT_TRUE(IsOk(opened.error));
    session_ = opened.value;
  }
  void TearDown() override { EXPECT_TRUE(IsOk(session_->Close())); }

  Error Put(const std::string& key, const std::string& value) {
    return testing::Put(&session_->store(), 0, key, value);
  }
  void Fill(int rows) {
    for (int i = 0; i < rows; ++i) EXPECT_TRUE(IsOk(Put(testing::Key(i), "v")));
  }
  // A page of at most `rows`.
  Page PageOf(size_t rows) {
    offsets_.resize(2 * rows + 1);
    return Page{bytes_.data(), bytes_.size(), offsets_.data(), rows};
  }
  std::string Read(const PointRead& read) {
    const Result<Answer> answer = session_->Read(read);
    if (!answer.ok()) return answer.error.code_name();
    const std::string value(session_->reads().value());
    session_->reads().Release();
    return answer.value == Answer::kFound ? value : "(none)";
  }

  testing::TempDir dir_;
  std::shared_ptr<Session> session_;
  std::vector<char> bytes_ = std::vector<char>(4096);
  std::vector<uint32_t> offsets_;
};

TEST_F(SessionWorkTest, ReadsNowAndAtASnapshot) {
  EXPECT_TRUE(IsOk(Put("a", "before")));
  const uint32_t snapshot = session_->TakeSnapshot();
  EXPECT_TRUE(IsOk(Put("a", "after")));
  EXPECT_EQ(Read(PointRead{0, 0, 0, "a"}), "after");
  EXPECT_EQ(Read(PointRead{0, snapshot, 0, "a"}), "before");
  EXPECT_EQ(Read(PointRead{0, 0, 0, "b"}), "(none)");
  EXPECT_EQ(Read(PointRead{77, 0, 0, "a"}), "ERR_DROPPED");
  EXPECT_EQ(Read(PointRead{0, 77, 0, "a"}), "ERR_CLOSED");
  EXPECT_TRUE(session_->resources().End(snapshot));
  EXPECT_EQ(Read(PointRead{0, snapshot, 0, "a"}), "ERR_CLOSED");
}

TEST_F(SessionWorkTest, ReadsManyKeysAtASnapshotHereAndElsewhere) {
  EXPECT_TRUE(IsOk(Put("a", "before")));
  const uint32_t snapshot = session_->TakeSnapshot();
  EXPECT_TRUE(IsOk(Put("a", "after")));
  const std::string packed("\x01\0\0\0a\x01\0\0\0x", 10);
  const ManyRequest request{0, snapshot, 0, 2};
  EXPECT_TRUE(IsOk(session_->ReadMany(request, packed)));
  EXPECT_EQ(session_->many().total_bytes(), 6u);
  session_->many().Clear();
  const Result<ManyJob> job = session_->PrepareMany(request, packed, Deadline(0));
  ASSERT_TRUE(IsOk(job.error));
  // The job keeps the snapshot.
  EXPECT_TRUE(session_->resources().End(snapshot));
  const Result<ManyValues> values = job.value.Run();
  ASSERT_TRUE(IsOk(values.error));
  EXPECT_EQ(values.value.bytes, "before");
  EXPECT_EQ(values.value.lengths, (std::vector<uint32_t>{6, kMissing}));

  EXPECT_EQ(session_->ReadMany(request, packed).code(), Code::kClosed);
  EXPECT_EQ(session_->PrepareMany(request, packed, Deadline(0)).error.code(), Code::kClosed);
  EXPECT_EQ(session_->ReadMany(ManyRequest{77, 0, 0, 2}, packed).code(), Code::kDropped);
  EXPECT_EQ(session_->ReadMany(ManyRequest{0, 0, 0, 3}, packed).code(), Code::kInvalidArgument);
  session_->many().Clear();
}

TEST_F(SessionWorkTest, ReadsWhatIsQueuedInOneJobOrInTwo) {
  EXPECT_TRUE(IsOk(Put("a", "1")));
  for (const size_t count : {1, 8, 9, 100}) {
    for (size_t i = 0; i < count; ++i) {
      const PointRead read{0, 0, 0, i % 2 == 0 ? "a" : "x"};
      EXPECT_TRUE(IsOk(session_->QueueRead(static_cast<uint32_t>(i), read, Deadline(0))));
    }
    std::mutex mutex;
    std::vector<ReadResults> jobs;
    std::promise<void> all;
    size_t read = 0;
    session_->SubmitReads([&](ReadResults results) {
      const std::lock_guard<std::mutex> lock(mutex);
      read += results.ids.size();
      jobs.push_back(std::move(results));
      if (read == count) all.set_value();
    });
    all.get_future().wait();
    const std::lock_guard<std::mutex> lock(mutex);
    EXPECT_EQ(jobs.size(), count > 8 ? 2u : 1u) << count;
    for (const ReadResults& job : jobs) {
      for (size_t i = 0; i < job.ids.size(); ++i) {
        EXPECT_EQ(job.lengths[i], job.ids[i] % 2 == 0 ? 1u : kMissing);
      }
    }
  }
  session_->SubmitReads([](const ReadResults&) { FAIL() << "nothing is queued"; });
  EXPECT_EQ(session_->QueueRead(1, PointRead{77, 0, 0, "a"}, Deadline(0)).code(), Code::kDropped);
  EXPECT_EQ(session_->QueueRead(1, PointRead{0, 77, 0, "a"}, Deadline(0)).code(), Code::kClosed);
}

TEST_F(SessionWorkTest, KeepsOneViewFromTheFirstRowsToThoseOfTheDisk) {
  Fill(10);
  ScanRequest unopened;
  const uint32_t later = session_->OpenCursor(unopened, PageOf(0)).cursor;
  ScanRequest nowait;
  nowait.flags = kNoWait;
  const CursorRows first = session_->OpenCursor(nowait, PageOf(2));
  ASSERT_TRUE(IsOk(first.page.error));
  EXPECT_EQ(first.page.count, 2u);
  ASSERT_NE(first.cursor, 0u);
  EXPECT_TRUE(IsOk(Put(testing::Key(10), "written meanwhile")));
  EXPECT_EQ(session_->NextRows(first.cursor, PageOf(100)).page.count, 8u);
  EXPECT_EQ(session_->NextRows(later, PageOf(100)).page.count, 10u);
}

TEST_F(SessionWorkTest, EndsACursorWithItsLastRow) {
  Fill(3);
  EXPECT_EQ(session_->OpenCursor(ScanRequest(), PageOf(100)).cursor, 0u);
  const uint32_t cursor = session_->OpenCursor(ScanRequest(), PageOf(2)).cursor;
  EXPECT_EQ(session_->resources().Count(ResourceKind::kCursor), 1u);
  const CursorRows rest = session_->NextRows(cursor, PageOf(2));
  EXPECT_EQ(rest.page.count, 1u);
  EXPECT_EQ(rest.cursor, 0u);
  EXPECT_EQ(session_->resources().Count(ResourceKind::kCursor), 0u);
  EXPECT_EQ(session_->NextRows(cursor, PageOf(2)).page.error.code(), Code::kClosed);
  EXPECT_EQ(session_->Seek(cursor, "a").code(), Code::kClosed);
  ScanRequest wrong;
  wrong.snapshot = 77;
  EXPECT_EQ(session_->OpenCursor(wrong, PageOf(2)).page.error.code(), Code::kClosed);
  wrong.family = 77;
  EXPECT_EQ(session_->OpenCursor(wrong, PageOf(2)).page.error.code(), Code::kDropped);
}

TEST_F(SessionWorkTest, LeavesACursorToTheJobThatReadsItsRows) {
  Fill(5);
  const uint32_t cursor = session_->OpenCursor(ScanRequest(), PageOf(1)).cursor;
  testing::Gate gate;
  std::promise<PageResult> rows;
  // Blocks both threads of the pool.
  for (size_t i = 0; i < Executor::kThreads; ++i) {
    session_->store().executor().Run([&gate] { gate.Wait(); });
  }
  const Page page = PageOf(2);
  EXPECT_TRUE(IsOk(session_->NextRowsElsewhere(
      cursor, page, [&rows](const PageResult& result) { rows.set_value(result); })));
  const auto none = [](const PageResult&) { FAIL() << "the cursor is busy"; };
  EXPECT_EQ(session_->NextRowsElsewhere(cursor, page, none).code(), Code::kBusy);
  EXPECT_EQ(session_->NextRows(cursor, page).page.error.code(), Code::kBusy);
  EXPECT_EQ(session_->Seek(cursor, "a").code(), Code::kBusy);
  gate.Open();
  const PageResult taken = rows.get_future().get();
  EXPECT_EQ(taken.count, 2u);
  EXPECT_EQ(session_->Seek(cursor, "a").code(), Code::kBusy);
  EXPECT_EQ(session_->TakeBackCursor(cursor, taken), cursor);
  EXPECT_TRUE(IsOk(session_->Seek(cursor, testing::Key(1))));
  EXPECT_EQ(session_->NextRows(cursor, PageOf(100)).page.count, 4u);
  EXPECT_EQ(session_->NextRowsElsewhere(cursor, page, none).code(), Code::kClosed);
}

TEST_F(SessionWorkTest, EndsACursorThatAJobHasReadToItsEndOrCouldNotRead) {
  Fill(3);
  PageResult failed;
  failed.error = Error(Code::kIo, "");
  PageResult last;
  last.exhausted = true;
  for (const PageResult& result : {failed, last}) {
    const uint32_t cursor = session_->OpenCursor(ScanRequest(), PageOf(1)).cursor;
    EXPECT_EQ(session_->TakeBackCursor(cursor, result), 0u);
    EXPECT_EQ(session_->Seek(cursor, "a").code(), Code::kClosed);
  }
}

TEST_F(SessionWorkTest, CountsAtAViewOfItsOwnWhereThatCanBeRefreshed) {
  Fill(3);
  ScanRequest request;
  const Result<Cursor::Config> plain = session_->PrepareCount(request);
  request.flags = kRefresh;
  const Result<Cursor::Config> refreshed = session_->PrepareCount(request);
  ASSERT_TRUE(plain.ok() && refreshed.ok());
  EXPECT_EQ(plain.value.snapshot, nullptr);
  EXPECT_NE(refreshed.value.snapshot, nullptr);
  Fill(4);
  const std::atomic<bool> never{false};
  EXPECT_EQ(CountRange(plain.value, never, Deadline(0)).value, 4u);
  EXPECT_EQ(CountRange(refreshed.value, never, Deadline(0)).value, 3u);
  request.snapshot = 77;
  EXPECT_EQ(session_->PrepareCount(request).error.code(), Code::kClosed);
}

TEST_F(SessionWorkTest, CommitsInlineWhatIsSmallAndUnsynced) {
  const auto commit = [this](const std::string& value, uint32_t flags) {
    const auto sink = std::make_shared<Sink>();
    const std::string batch = testing::BatchBuilder().Put(0, "key", value).Build();
    const Result<bool> done = session_->Commit(batch, flags, 7, sink);
    EXPECT_TRUE(IsOk(done.error));
    if (!done.value) {
      EXPECT_EQ(sink->committed.get_future().get(), std::vector<uint32_t>{7});
    }
    EXPECT_EQ(testing::Get(&session_->store(), 0, "key"), value);
    return done.value;
  };
  EXPECT_TRUE(commit("small", 0));
  EXPECT_TRUE(commit("small", kDisableWal));
  EXPECT_FALSE(commit("synced", kSync));
  EXPECT_FALSE(commit(std::string(40000, 'x'), 0));
}

TEST_F(SessionWorkTest, KeepsTheOrderBehindWhatIsQueued) {
  testing::Gate gate;
  const auto held = [&gate](std::string* batch) {
    gate.Wait();
    *batch = testing::BatchBuilder().Put(0, "key", "first").Build();
    return Error();
  };
  session_->store().commits().SubmitPrepared(
      held, 0, [](const Error&) {}, nullptr);
  const auto sink = std::make_shared<Sink>();
  const Result<bool> second =
      session_->Commit(testing::BatchBuilder().Put(0, "key", "second").Build(), 0, 7, sink);
  ASSERT_TRUE(IsOk(second.error));
  EXPECT_FALSE(second.value);
  gate.Open();
  EXPECT_TRUE(
      IsOk(session_->CommitNow(testing::BatchBuilder().Put(0, "other", "third").Build(), 0)));
  EXPECT_EQ(sink->committed.get_future().get(), std::vector<uint32_t>{7});
  EXPECT_EQ(testing::Get(&session_->store(), 0, "key"), "second");
  EXPECT_EQ(testing::Get(&session_->store(), 0, "other"), "third");
}

TEST_F(SessionWorkTest, RefusesABatchAtOnce) {
  const std::string batch = testing::BatchBuilder().Put(77, "key", "value").Build();
  const Result<bool> done = session_->Commit(batch, 0, 7, std::make_shared<Sink>());
  EXPECT_EQ(done.error.code(), Code::kDropped);
  EXPECT_EQ(session_->CommitNow(batch, 0).code(), Code::kDropped);
}

TEST_F(SessionWorkTest, ClearsARangeInTheOrderOfTheWrites) {
  Fill(5);
  ScanRequest request;
  request.range.lower = testing::Key(1);
  std::promise<Error> cleared;
  EXPECT_TRUE(
      IsOk(session_->Clear(request, [&cleared](const Error& error) { cleared.set_value(error); })));
  EXPECT_TRUE(IsOk(cleared.get_future().get()));
  EXPECT_EQ(testing::Get(&session_->store(), 0, testing::Key(0)), "v");
  for (int i = 1; i < 5; ++i) {
    EXPECT_EQ(testing::Get(&session_->store(), 0, testing::Key(i)), "(none)");
  }
  request.family = 77;
  const auto none = [](const Error&) { FAIL() << "there is no such family"; };
  EXPECT_EQ(session_->Clear(request, none).code(), Code::kDropped);
}

}  // namespace
}  // namespace rocksdb_live
