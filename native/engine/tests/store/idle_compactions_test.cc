// The space of rows that have expired comes back in a database where nothing is written.
#include "engine/store/idle_compactions.h"

#include <thread>

#include "engine/base/clock.h"
#include "engine/tests/reads/expiring.h"

namespace rocksdb_live {
namespace {

using testing::Enveloped;

class IdleCompactionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    OpenRequest request = testing::RequestFor(dir_.path());
    FamilyRequest family;
    family.name = "s";
    family.options.column_family = {
        {testing::kExpiryOption, "{id=rocksdb-live.expires;grace_ms=0}"},
        {"periodic_compaction_seconds", "1"}};
    request.families.push_back(family);
    store_ = testing::OpenStore(request);
    ASSERT_TRUE(store_);
    family_ = store_->FindNamed("s");
    const std::string row = Enveloped(NowMs() - 1, "gone");
    ASSERT_TRUE(IsOk(testing::Put(store_.get(), family_->id(), "a", row)));
    ASSERT_TRUE(IsOk(Flush(store_.get(), {family_})));
  }
  // Until the row is gone from the files, or for a minute.
  bool Drops(const std::function<void()>& meanwhile) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (testing::Get(store_.get(), family_->id(), "a") != "(none)") {
      if (std::chrono::steady_clock::now() > end) return false;
      meanwhile();
      std::this_thread::yield();
    }
    return family_->expiry()->dropped == 1;
  }

  testing::TempDir dir_;
  std::shared_ptr<Store> store_;
  std::shared_ptr<Family> family_;
};

TEST_F(IdleCompactionsTest, RocksDbComesByItself) {
  if (kIdleNeedsLooks) return;  // it does not, and is reminded
  EXPECT_TRUE(Drops([] {}));
}

TEST_F(IdleCompactionsTest, ItLooksWhenItIsTold) {
  EXPECT_TRUE(Drops([this] { LookForDueFiles({family_}); }));
}

TEST_F(IdleCompactionsTest, TheThreadEndsAtOnce) {
  IdleCompactions idle;
  idle.Start([this] { return store_->AllFamilies(); });
  idle.Start([this] { return store_->AllFamilies(); });
  idle.Stop();
  idle.Start([this] { return store_->AllFamilies(); });
  idle.Stop();
}

}  // namespace
}  // namespace rocksdb_live
