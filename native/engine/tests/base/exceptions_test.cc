#include "engine/base/exceptions.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <system_error>

#include "engine/store/registry.h"
#include "engine/store/session.h"
#include "engine/tests/support.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/utilities/object_registry.h"

namespace rocksdb_live {
namespace {

using testing::Get;
using testing::Put;

// Throws when RocksDB calls it: on creation, or when a row is put into the memtable.
enum class At { kNowhere, kCreation, kTransform };
std::atomic<At> throws_at{At::kNowhere};

class ThrowingPrefix : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "ThrowingPrefix"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    if (throws_at == At::kTransform) throw std::runtime_error("thrown by a prefix");
    return rocksdb::Slice(key.data(), 1);
  }
  bool InDomain(const rocksdb::Slice& key) const override { return !key.empty(); }
};

void Register() {
  static const bool registered = [] {
    rocksdb::ObjectLibrary::Default()->AddFactory<const rocksdb::SliceTransform>(
        "ThrowingPrefix", [](const std::string&,
                             std::unique_ptr<const rocksdb::SliceTransform>* guard, std::string*) {
          if (throws_at == At::kCreation) throw std::runtime_error("thrown by a factory");
          guard->reset(new ThrowingPrefix());
          return guard->get();
        });
    return true;
  }();
  static_cast<void>(registered);
}

class ExceptionsTest : public ::testing::Test {
 protected:
  ExceptionsTest() {
    Register();
    request_ = testing::RequestFor(dir_ / "db");
    request_.defaults.column_family = {{"prefix_extractor", "ThrowingPrefix"},
                                       {"memtable_prefix_bloom_size_ratio", "0.1"}};
  }
  ~ExceptionsTest() override { throws_at = At::kNowhere; }

  static void ExpectSays(const Error& error, const std::string& text) {
    EXPECT_FALSE(error.ok());
    EXPECT_NE(error.message().find(text), std::string::npos) << error.message();
  }

  testing::TempDir dir_;
  OpenRequest request_;
};

TEST(CaughtErrorTest, SaysWhatWasThrown) {
  const auto of = [](auto&& what) { return Caught([&]() -> Error { throw what; }); };
  EXPECT_EQ(of(std::bad_alloc()).code(), Code::kBusy);
  EXPECT_EQ(of(std::bad_alloc()).message(), "there was not enough memory");
  EXPECT_EQ(of(std::length_error("vector::reserve")).code(), Code::kBusy);
  const Error no_thread = of(std::system_error(EAGAIN, std::generic_category()));
  EXPECT_EQ(no_thread.code(), Code::kBusy);
  EXPECT_NE(no_thread.message().find("thread"), std::string::npos);
  EXPECT_EQ(of(std::invalid_argument("stoi")).code(), Code::kAborted);
  EXPECT_NE(of(std::invalid_argument("stoi")).message().find("stoi"), std::string::npos);
  EXPECT_EQ(of(5).code(), Code::kAborted);
  EXPECT_TRUE(Caught([] { return Error(); }).ok());
}

TEST_F(ExceptionsTest, OpenThatThrowsLeavesNoLock) {
  throws_at = At::kCreation;
  for (int attempt = 0; attempt < 2; ++attempt) {
    ExpectSays(Registry::Get().Acquire(request_).error, "thrown by a factory");
  }
  throws_at = At::kNowhere;
  const auto store = Registry::Get().Acquire(request_);
  ASSERT_TRUE(IsOk(store.error));
  EXPECT_TRUE(IsOk(Put(store.value.get(), 0, "a", "1")));
  EXPECT_TRUE(IsOk(Registry::Get().Release(store.value)));
}

TEST_F(ExceptionsTest, CreateFamilyThatThrowsLeavesNoLock) {
  const auto store = Registry::Get().Acquire(request_);
  ASSERT_TRUE(IsOk(store.error));
  throws_at = At::kCreation;
  ExpectSays(Caught([&] { return store.value->CreateFamily("f", nullptr); }).error,
             "thrown by a factory");
  OpenRequest naming = request_;
  naming.families.push_back({"g", request_.defaults});
  ExpectSays(Registry::Get().Acquire(naming).error, "thrown by a factory");
  throws_at = At::kNowhere;
  EXPECT_TRUE(IsOk(store.value->CreateFamily("f", nullptr).error));
  EXPECT_TRUE(IsOk(Put(store.value.get(), 0, "a", "1")));
  EXPECT_TRUE(IsOk(Registry::Get().Release(store.value)));
  EXPECT_EQ(store.value->db(), nullptr);  // the refused opening no longer counts
}

TEST_F(ExceptionsTest, WorkOnAClosedDatabaseThatThrowsLeavesNoLock) {
  std::filesystem::create_directories(request_.path);
  const auto throwing = [](const std::string&) -> Error { throw std::runtime_error("thrown"); };
  for (int attempt = 0; attempt < 2; ++attempt) {
    ExpectSays(Registry::Get().WhileClosed(request_.path, throwing), "thrown");
  }
  const auto store = Registry::Get().Acquire(request_);
  ASSERT_TRUE(IsOk(store.error));
  EXPECT_TRUE(IsOk(Registry::Get().Release(store.value)));
}

TEST_F(ExceptionsTest, WriteThatThrowsBlocksNobody) {
  auto store = Registry::Get().Acquire(request_).value;
  ASSERT_NE(store, nullptr);
  ASSERT_TRUE(IsOk(Put(store.get(), 0, "before", "1")));
  throws_at = At::kTransform;
  const Error error = Put(store.get(), 0, "thrown", "1");
  throws_at = At::kNowhere;
  ExpectSays(error, "thrown by a prefix");
  EXPECT_EQ(error.outcome(), Outcome::kUnknown);
  const Error next = Put(store.get(), 0, "next", "1");
  EXPECT_EQ(next.code(), Code::kReadOnly);
  EXPECT_EQ(next.outcome(), Outcome::kNotApplied);
  EXPECT_EQ(Get(store.get(), 0, "before"), "1");
  ExpectSays(Registry::Get().Release(store), "in the middle of a write");
  store = Registry::Get().Acquire(request_).value;
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(Get(store.get(), 0, "before"), "1");
  EXPECT_EQ(Get(store.get(), 0, "next"), "(none)");
  EXPECT_TRUE(IsOk(Registry::Get().Release(store)));
}

}  // namespace
}  // namespace rocksdb_live
