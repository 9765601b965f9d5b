#include "engine/store/session.h"

#include <atomic>
#include <thread>

#include "engine/store/registry.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

class SessionTest : public ::testing::Test {
 protected:
  std::shared_ptr<Session> Open() {
    Result<std::shared_ptr<Store>> store = Registry::Get().Acquire(request_);
    EXPECT_TRUE(store.ok()) << store.error.message();
    store_ = store.value;
    return std::make_shared<Session>(store.value);
  }
  // Whether nobody has the store open.
  bool StoreClosed() const { return store_.lock() == nullptr || store_.lock()->db() == nullptr; }

  testing::TempDir dir_;
  OpenRequest request_ = testing::RequestFor(dir_ / "db");
  std::weak_ptr<Store> store_;
};

TEST_F(SessionTest, ClosesOnce) {
  const auto session = Open();
  EXPECT_TRUE(session->open());
  EXPECT_TRUE(session->BeginClose());
  EXPECT_FALSE(session->open());
  EXPECT_TRUE(*session->canceled());
  EXPECT_FALSE(session->BeginClose());
  EXPECT_TRUE(IsOk(session->FinishClose()));
  session->WaitClosed();
  EXPECT_TRUE(StoreClosed());
}

TEST_F(SessionTest, WaitsForLeases) {
  const auto session = Open();
  Lease lease = session->TakeLease();
  Lease copy = lease;
  ASSERT_TRUE(session->BeginClose());
  std::atomic<bool> let_go{false};
  std::thread closer([&] {
    EXPECT_TRUE(IsOk(session->FinishClose()));
    EXPECT_TRUE(let_go);
  });
  std::thread waiter([&] {
    session->WaitClosed();
    EXPECT_TRUE(let_go);
  });
  lease.reset();
  // The copy of the lease keeps the database open.
  EXPECT_TRUE(IsOk(testing::Put(&session->store(), 0, "a", "1")));
  let_go = true;
  copy.reset();
  closer.join();
  waiter.join();
  EXPECT_TRUE(StoreClosed());
}

TEST_F(SessionTest, ALeaseOutlivesEveryOtherReference) {
  auto session = Open();
  Lease lease = session->TakeLease();
  ASSERT_TRUE(session->BeginClose());
  std::thread closer([owned = std::move(session)] { EXPECT_TRUE(IsOk(owned->FinishClose())); });
  lease.reset();
  closer.join();
  EXPECT_TRUE(StoreClosed());
}

TEST_F(SessionTest, ClosesWhatNobodyClosed) {
  { Open(); }
  EXPECT_TRUE(StoreClosed());
}

TEST_F(SessionTest, EndsCursorsAndSnapshotsBeforeTheStore) {
  const auto session = Open();
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(IsOk(testing::Put(&session->store(), 0, testing::Key(i), "v")));
  }
  std::vector<char> bytes(1024);
  std::vector<uint32_t> offsets(9);
  for (int i = 0; i < 100; ++i) {
    ScanRequest request;
    if (i % 2 == 0) request.snapshot = session->TakeSnapshot();
    const CursorRows rows =
        session->OpenCursor(request, Page{bytes.data(), bytes.size(), offsets.data(), 4});
    EXPECT_EQ(rows.page.count, 4u);
    EXPECT_NE(rows.cursor, 0u);
  }
  EXPECT_EQ(session->store().resource_counts().Of(ResourceKind::kCursor), 100);
  ASSERT_TRUE(session->BeginClose());
  EXPECT_TRUE(IsOk(session->FinishClose()));
  EXPECT_TRUE(StoreClosed());
}

TEST_F(SessionTest, SeesFamiliesThatAnotherSessionMakesAndDrops) {
  const auto first = Open();
  const auto second = Open();
  ASSERT_EQ(&first->store(), &second->store());
  const Result<uint32_t> made = first->store().CreateFamily("made", nullptr);
  ASSERT_TRUE(made.ok());
  Error error;
  ASSERT_NE(second->FindFamily(made.value, &error), nullptr);
  EXPECT_EQ(second->FindFamily(made.value, &error)->name(), "made");
  EXPECT_TRUE(IsOk(error));
  EXPECT_TRUE(IsOk(first->store().DropFamily(made.value)));
  for (const uint32_t gone : {made.value, made.value, 0xFFFFFFFF}) {
    error = Error();
    EXPECT_EQ(second->FindFamily(gone, &error), nullptr);
    EXPECT_EQ(error.code(), Code::kDropped);
    EXPECT_EQ(error.outcome(), Outcome::kNotApplied);
  }
}

TEST_F(SessionTest, OneClosingLeavesTheOtherOpen) {
  const auto first = Open();
  const auto second = Open();
  ASSERT_TRUE(first->BeginClose());
  EXPECT_TRUE(IsOk(first->FinishClose()));
  EXPECT_FALSE(*second->canceled());
  EXPECT_TRUE(IsOk(testing::Put(&second->store(), 0, "a", "1")));
  ASSERT_TRUE(second->BeginClose());
  EXPECT_TRUE(IsOk(second->FinishClose()));
  EXPECT_TRUE(StoreClosed());
}

TEST_F(SessionTest, ClosesWhileThreadsWork) {
  for (int round = 0; round < 20; ++round) {
    const auto session = Open();
    std::atomic<int> done{0};
    for (int job = 0; job < 8; ++job) {
      session->store().executor().Run([&, lease = session->TakeLease(), store = &session->store(),
                                       key = testing::Key(job)]() mutable {
        EXPECT_TRUE(IsOk(testing::Put(store, 0, key, "v")));
        EXPECT_EQ(testing::Get(store, 0, key), "v");
        ++done;
        lease.reset();
      });
    }
    ASSERT_TRUE(session->BeginClose());
    EXPECT_TRUE(IsOk(session->FinishClose()));
    EXPECT_EQ(done, 8);
  }
}

}  // namespace
}  // namespace rocksdb_live
