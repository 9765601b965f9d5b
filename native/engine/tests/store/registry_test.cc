#include "engine/store/registry.h"

#include <atomic>
#include <thread>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using StorePtr = std::shared_ptr<Store>;

class RegistryTest : public ::testing::Test {
 protected:
  StorePtr Acquire(const OpenRequest& request) {
    Result<StorePtr> store = Registry::Get().Acquire(request);
    EXPECT_TRUE(store.ok()) << store.error.message();
    return store.value;
  }

  testing::TempDir dir_;
};

TEST_F(RegistryTest, SharesWhatIsInMemoryByItsName) {
  OpenRequest request = testing::RequestFor("memory:test");
  request.in_memory = true;
  const StorePtr first = Acquire(request);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(Acquire(request), first);
  request.path = "memory:other";
  const StorePtr other = Acquire(request);
  EXPECT_NE(other, first);
  EXPECT_TRUE(IsOk(testing::Put(first.get(), 0, "a", "1")));
  request.mode = Mode::kReadOnly;
  EXPECT_EQ(Registry::Get().Acquire(request).error.code(), Code::kNotSupported);
  for (const StorePtr& store : {first, first, other}) {
    EXPECT_TRUE(IsOk(Registry::Get().Release(store)));
  }
  EXPECT_FALSE(std::filesystem::exists("/memory:test"));
}

TEST_F(RegistryTest, SharesADirectoryUnderEverySpelling) {
  const OpenRequest request = testing::RequestFor(dir_ / "db");
  const StorePtr first = Acquire(request);
  ASSERT_NE(first, nullptr);
  std::filesystem::create_directory_symlink(dir_ / "db", dir_ / "link");
  std::filesystem::create_directory(dir_ / "other");
  size_t users = 1;
  for (const char* spelling : {"db", "db/", "./db", "other/../db", "link", "link/", "link/."}) {
    const StorePtr again = Acquire(testing::RequestFor(dir_ / spelling));
    EXPECT_EQ(again, first) << spelling;
    ++users;
  }
  EXPECT_EQ(first->path(), dir_ / "db");
  for (; users > 1; --users) EXPECT_TRUE(IsOk(Registry::Get().Release(first)));
  EXPECT_TRUE(IsOk(testing::Put(first.get(), 0, "a", "1")));  // open until the last user has left
  EXPECT_TRUE(IsOk(Registry::Get().Release(first)));
  EXPECT_EQ(first->db(), nullptr);
}

TEST_F(RegistryTest, OpensAgainAfterTheLastUser) {
  OpenRequest request = testing::RequestFor(dir_ / "db");
  const StorePtr first = Acquire(request);
  EXPECT_TRUE(IsOk(testing::Put(first.get(), 0, "a", "1")));
  EXPECT_TRUE(IsOk(Registry::Get().Release(first)));
  request.shared["block_cache_bytes"] = std::to_string(4 << 20);  // no mismatch with a closed one
  const StorePtr second = Acquire(request);
  EXPECT_NE(second, first);
  EXPECT_EQ(testing::Get(second.get(), 0, "a"), "1");
  EXPECT_TRUE(IsOk(Registry::Get().Release(second)));
}

TEST_F(RegistryTest, KeepsTheStoreWhereASecondOpeningIsRefused) {
  OpenRequest request = testing::RequestFor(dir_ / "db");
  const StorePtr store = Acquire(request);
  request.shared["block_cache_bytes"] = std::to_string(4 << 20);
  EXPECT_EQ(Registry::Get().Acquire(request).error.code(), Code::kOptionsMismatch);
  request.error_if_exists = true;
  EXPECT_EQ(Registry::Get().Acquire(request).error.code(), Code::kInvalidArgument);
  EXPECT_TRUE(IsOk(testing::Put(store.get(), 0, "a", "1")));
  EXPECT_TRUE(IsOk(Registry::Get().Release(store)));
  EXPECT_EQ(store->db(), nullptr);
}

TEST_F(RegistryTest, ForgetsAnOpeningThatFailed) {
  OpenRequest request = testing::RequestFor(dir_ / "db");
  request.db["no_such_option"] = "1";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Registry::Get().Acquire(request).error.code(), Code::kInvalidArgument);
  }
  request.db.clear();
  EXPECT_TRUE(IsOk(Registry::Get().Release(Acquire(request))));
}

TEST_F(RegistryTest, OpensReadersBesideTheWriter) {
  OpenRequest request = testing::RequestFor(dir_ / "db");
  const StorePtr writer = Acquire(request);
  EXPECT_TRUE(IsOk(testing::Put(writer.get(), 0, "a", "1")));
  request.mode = Mode::kReadOnly;
  const StorePtr reader = Acquire(request);
  EXPECT_NE(reader, writer);
  EXPECT_EQ(testing::Get(reader.get(), 0, "a"), "1");
  EXPECT_TRUE(IsOk(Registry::Get().Release(reader)));
  EXPECT_TRUE(IsOk(Registry::Get().Release(writer)));
}

TEST_F(RegistryTest, GivesAndTakesOnManyThreads) {
  const OpenRequest request = testing::RequestFor(dir_ / "db");
  std::atomic<int> number{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const StorePtr store = Acquire(request);
        if (!store) return;
        const std::string key = testing::Key(number++);
        EXPECT_TRUE(IsOk(testing::Put(store.get(), 0, key, "v")));
        EXPECT_EQ(testing::Get(store.get(), 0, key), "v");
        EXPECT_TRUE(IsOk(Registry::Get().Release(store)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const StorePtr store = Acquire(request);
  for (int i = 0; i < number; ++i) {
    EXPECT_EQ(testing::Get(store.get(), 0, testing::Key(i)), "v") << i;
  }
  EXPECT_TRUE(IsOk(Registry::Get().Release(store)));
}

TEST_F(RegistryTest, WorksOnAClosedDirectoryOnly) {
  const OpenRequest request = testing::RequestFor(dir_ / "db");
  const auto refuse_to_run = [](const std::string&) {
    ADD_FAILURE() << "ran on an open database";
    return Error();
  };
  const StorePtr store = Acquire(request);
  EXPECT_EQ(Registry::Get().WhileClosed(dir_ / "db", refuse_to_run).code(), Code::kLocked);
  OpenRequest read_only = request;
  read_only.mode = Mode::kReadOnly;
  const StorePtr reader = Acquire(read_only);
  EXPECT_TRUE(IsOk(Registry::Get().Release(store)));
  EXPECT_EQ(Registry::Get().WhileClosed(dir_ / "db/", refuse_to_run).code(), Code::kLocked);
  EXPECT_TRUE(IsOk(Registry::Get().Release(reader)));

  std::string seen;
  EXPECT_TRUE(IsOk(Registry::Get().WhileClosed(dir_ / "./db", [&](const std::string& path) {
    seen = path;
    return Error();
  })));
  EXPECT_EQ(seen, dir_ / "db");
  EXPECT_EQ(Registry::Get().WhileClosed(dir_ / "nothing", refuse_to_run).code(),
            Code::kInvalidArgument);
}

TEST_F(RegistryTest, HoldsOpeningsBackWhileItWorks) {
  const OpenRequest request = testing::RequestFor(dir_ / "db");
  EXPECT_TRUE(IsOk(Registry::Get().Release(Acquire(request))));
  std::atomic<bool> worked{false};
  std::thread opener;
  EXPECT_TRUE(IsOk(Registry::Get().WhileClosed(request.path, [&](const std::string&) {
    opener = std::thread([&] {
      const StorePtr store = Acquire(request);
      EXPECT_TRUE(worked);
      if (store) {
        EXPECT_TRUE(IsOk(Registry::Get().Release(store)));
      }
    });
    // Time in which it could go wrong; nothing waits for this.
    for (int i = 0; i < 10000; ++i) std::this_thread::yield();
    worked = true;
    return Error(Code::kOk, "");
  })));
  opener.join();
}

}  // namespace
}  // namespace rocksdb_live
