#include "engine/store/resource_table.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace rocksdb_live {
namespace {

// What has ended, in order.
using Log = std::vector<std::string>;

template <ResourceKind kOf>
class Fake {
 public:
  static constexpr ResourceKind kKind = kOf;
  static constexpr const char* kClosed = "it is closed";
  static constexpr const char* kBusy = "a job has it";

  Fake(Log* log, std::string name) : log_(log), name_(std::move(name)) {}
  Fake(const Fake&) = delete;
  Fake& operator=(const Fake&) = delete;
  ~Fake() { log_->push_back(name_); }

 private:
  Log* const log_;
  const std::string name_;
};

using FakeCursor = Fake<ResourceKind::kCursor>;
using FakeSnapshot = Fake<ResourceKind::kSnapshot>;

class ResourceTableTest : public ::testing::Test {
 protected:
  uint32_t AddCursor(const std::string& name) {
    return table_.Add(std::make_shared<FakeCursor>(&log_, name));
  }
  uint32_t AddSnapshot(const std::string& name) {
    return table_.Add(std::make_shared<FakeSnapshot>(&log_, name));
  }

  Log log_;
  ResourceCounts counts_;
  ResourceTable table_{&counts_};
};

TEST_F(ResourceTableTest, FindsAThingByItsNumberAndKind) {
  const uint32_t cursor = AddCursor("cursor");
  const uint32_t snapshot = AddSnapshot("snapshot");
  EXPECT_NE(cursor, snapshot);
  Error error;
  EXPECT_NE(table_.Find<FakeCursor>(cursor, &error), nullptr);
  EXPECT_NE(table_.Find<FakeSnapshot>(snapshot, &error), nullptr);
  EXPECT_TRUE(error.ok());
  for (const uint32_t wrong : {0u, snapshot, 77u}) {
    EXPECT_EQ(table_.Find<FakeCursor>(wrong, &error), nullptr);
    EXPECT_EQ(error.code(), Code::kClosed);
    EXPECT_EQ(error.message(), "it is closed");
    error = Error();
    EXPECT_EQ(table_.FindIdle<FakeCursor>(wrong, &error), nullptr);
    EXPECT_EQ(error.code(), Code::kClosed);
  }
}

TEST_F(ResourceTableTest, LendsAThingToOneJobAtATime) {
  const uint32_t cursor = AddCursor("cursor");
  Error error;
  std::shared_ptr<FakeCursor> lent = table_.FindIdle<FakeCursor>(cursor, &error);
  ASSERT_NE(lent, nullptr);
  table_.SetBusy(cursor, true);
  EXPECT_EQ(table_.FindIdle<FakeCursor>(cursor, &error), nullptr);
  EXPECT_EQ(error.code(), Code::kBusy);
  EXPECT_EQ(error.message(), "a job has it");

  // It has ended meanwhile, and lives until the job is done.
  EXPECT_TRUE(table_.End(cursor));
  table_.SetBusy(cursor, false);
  EXPECT_TRUE(log_.empty());
  lent.reset();
  EXPECT_EQ(log_, Log{"cursor"});
}

TEST_F(ResourceTableTest, IsFreeAgainAfterAJob) {
  const uint32_t cursor = AddCursor("cursor");
  table_.SetBusy(cursor, true);
  table_.SetBusy(cursor, false);
  Error error;
  EXPECT_NE(table_.FindIdle<FakeCursor>(cursor, &error), nullptr);
}

TEST_F(ResourceTableTest, EndsAThingOnce) {
  const uint32_t cursor = AddCursor("cursor");
  EXPECT_TRUE(table_.End(cursor));
  EXPECT_FALSE(table_.End(cursor));
  EXPECT_FALSE(table_.End(0));
  EXPECT_EQ(log_, Log{"cursor"});
}

TEST_F(ResourceTableTest, EndsWhatIsLeftKindByKind) {
  AddSnapshot("snapshot");
  AddCursor("cursor");
  AddSnapshot("snapshot");
  table_.EndAll();
  EXPECT_EQ(log_, (Log{"cursor", "snapshot", "snapshot"}));
}

TEST_F(ResourceTableTest, CountsByKindHereAndInTheWholeStore) {
  ResourceTable other(&counts_);
  other.Add(std::make_shared<FakeCursor>(&log_, "other"));
  const uint32_t cursor = AddCursor("cursor");
  AddCursor("cursor");
  AddSnapshot("snapshot");
  EXPECT_EQ(table_.Count(ResourceKind::kCursor), 2u);
  EXPECT_EQ(table_.Count(ResourceKind::kSnapshot), 1u);
  EXPECT_EQ(counts_.Of(ResourceKind::kCursor), 3);
  table_.End(cursor);
  table_.End(cursor);
  EXPECT_EQ(table_.Count(ResourceKind::kCursor), 1u);
  EXPECT_EQ(counts_.Of(ResourceKind::kCursor), 2);
  table_.EndAll();
  other.EndAll();
  EXPECT_EQ(counts_.Of(ResourceKind::kCursor), 0);
  EXPECT_EQ(counts_.Of(ResourceKind::kSnapshot), 0);
}

TEST_F(ResourceTableTest, KnowsTheAgeOfTheOldest) {
  EXPECT_EQ(table_.Age(ResourceKind::kCursor).count(), 0);
  const auto before = ResourceTable::Clock::now();
  const uint32_t oldest = AddCursor("cursor");
  const auto between = ResourceTable::Clock::now();
  while (ResourceTable::Clock::now() == between) {
  }
  const auto later = ResourceTable::Clock::now();
  AddCursor("cursor");
  EXPECT_GE(table_.Age(ResourceKind::kCursor), later - between);
  EXPECT_LE(table_.Age(ResourceKind::kCursor), ResourceTable::Clock::now() - before);
  EXPECT_EQ(table_.Age(ResourceKind::kSnapshot).count(), 0);
  table_.End(oldest);
  EXPECT_LE(table_.Age(ResourceKind::kCursor), ResourceTable::Clock::now() - later);
}

TEST_F(ResourceTableTest, SkipsTheNumberOfNoneAndThoseInUse) {
  ResourceTable table(&counts_, 0xFFFFFFFF);
  const auto add = [&] { return table.Add(std::make_shared<FakeCursor>(&log_, "cursor")); };
  EXPECT_EQ(add(), 0xFFFFFFFFu);
  EXPECT_EQ(add(), 1u);
  table.Add(std::make_shared<FakeSnapshot>(&log_, "snapshot"));
  EXPECT_EQ(add(), 3u);
}

}  // namespace
}  // namespace rocksdb_live
