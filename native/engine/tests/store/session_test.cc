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
  // Whether nobody has the store open any more.
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
  // A copy is enough: the database is there to be used.
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
    Cursor::Config config;
    config.family = session->FindFamily(0);
    if (i % 2 == 0) config.snapshot = std::make_shared<Snapshot>(session->db());
    auto cursor = std::make_shared<Cursor>(session->db(), config);
    EXPECT_EQ(cursor->Next(Page{bytes.data(), bytes.size(), offsets.data(), 4}).count, 4u);
    session->AddCursor(std::move(cursor));
    session->AddSnapshot();
  }
  ASSERT_TRUE(session->BeginClose());
  EXPECT_TRUE(IsOk(session->FinishClose()));
  EXPECT_TRUE(StoreClosed());
}

TEST_F(SessionTest, NumbersCursorsAndSnapshots) {
  const auto session = Open();
  bool known = false;
  EXPECT_EQ(session->FindSnapshot(0, &known), nullptr);
  EXPECT_TRUE(known);
  EXPECT_EQ(session->FindSnapshot(77, &known), nullptr);
  EXPECT_FALSE(known);

  const uint32_t snapshot = session->AddSnapshot();
  EXPECT_NE(session->FindSnapshot(snapshot, &known), nullptr);
  EXPECT_TRUE(known);
  session->ReleaseSnapshot(snapshot);
  session->ReleaseSnapshot(snapshot);
  EXPECT_EQ(session->FindSnapshot(snapshot, &known), nullptr);

  Cursor::Config config;
  config.family = session->FindFamily(0);
  const uint32_t cursor = session->AddCursor(std::make_shared<Cursor>(session->db(), config));
  EXPECT_NE(cursor, snapshot);
  ASSERT_NE(session->FindCursor(cursor), nullptr);
  session->RemoveCursor(cursor);
  session->RemoveCursor(cursor);
  EXPECT_EQ(session->FindCursor(cursor), nullptr);
}

TEST_F(SessionTest, SeesFamiliesThatAnotherSessionMakesAndDrops) {
  const auto first = Open();
  const auto second = Open();
  ASSERT_EQ(&first->store(), &second->store());
  const Result<uint32_t> made = first->store().CreateFamily("made", nullptr);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(second->FindFamily(made.value)->name(), "made");
  EXPECT_TRUE(IsOk(first->store().DropFamily(made.value)));
  EXPECT_EQ(second->FindFamily(made.value), nullptr);
  EXPECT_EQ(second->FindFamily(made.value), nullptr);
  EXPECT_EQ(second->FindFamily(0xFFFFFFFF), nullptr);
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

TEST_F(SessionTest, GivesNotTheNumberOfNoneAfterAllWereGiven) {
  Result<std::shared_ptr<Store>> store = Registry::Get().Acquire(request_);
  ASSERT_TRUE(store.ok()) << store.error.message();
  const auto session = std::make_shared<Session>(store.value, 0xFFFFFFFF);
  const auto add_cursor = [&] {
    Cursor::Config config;
    config.family = session->FindFamily(0);
    return session->AddCursor(std::make_shared<Cursor>(session->db(), std::move(config)));
  };
  EXPECT_EQ(session->AddSnapshot(), 0xFFFFFFFFu);
  EXPECT_EQ(session->AddSnapshot(), 1u);
  EXPECT_EQ(add_cursor(), 2u);
  EXPECT_EQ(add_cursor(), 3u);
}

}  // namespace
}  // namespace rocksdb_live
