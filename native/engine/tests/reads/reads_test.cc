#include "engine/reads/reads.h"

#include <cstring>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

std::string Packed(const std::vector<std::string>& keys) {
  std::string packed;
  for (const std::string& key : keys) {
    const auto length = static_cast<uint32_t>(key.size());
    packed.append(reinterpret_cast<const char*>(&length), sizeof length);
    packed += key;
  }
  return packed;
}

class ReadsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    request_ = testing::RequestFor(dir_ / "db");
    std::filesystem::create_directories(request_.path);
    request_.families.push_back({"other", {}});
    store_ = testing::OpenStore(request_);
    for (const auto& [name, id] : store_->Families()) {
      if (name == "other") other_ = id;
    }
    EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "a", "value of a")));
    EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "empty", "")));
    EXPECT_TRUE(IsOk(testing::Put(store_.get(), other_, "a", "other")));
  }
  // Flushed, and with an empty cache.
  void Cool() {
    for (const auto& family : store_->AllFamilies()) {
      EXPECT_TRUE(store_->db()->Flush(rocksdb::FlushOptions(), family->handle()).ok());
    }
    EXPECT_TRUE(IsOk(store_->Close()));
    store_ = testing::OpenStore(request_);
  }
  PendingRead Read(uint32_t id, uint32_t family, const std::string& key, uint32_t flags = 0) {
    PendingRead read;
    read.id = id;
    read.family = store_->FindFamily(family);
    read.key = key;
    read.flags = flags;
    return read;
  }

  testing::TempDir dir_;
  OpenRequest request_;
  std::shared_ptr<Store> store_;
  uint32_t other_ = 0;
};

TEST_F(ReadsTest, AnswersEveryReadOfAJobInItsPlace) {
  Cool();
  std::vector<PendingRead> reads;
  reads.push_back(Read(7, 0, "a"));
  reads.push_back(Read(8, other_, "a"));
  reads.push_back(Read(9, 0, "missing"));
  reads.push_back(Read(10, 0, "a", kNoFillCache));
  reads.push_back(Read(11, 0, "empty"));
  reads.push_back(Read(12, 0, "a", kPresence));
  reads.push_back(Read(13, 0, "missing", kPresence));
  reads.push_back(Read(14, other_, "a"));
  const ReadResults results = RunReads(reads);
  EXPECT_EQ(results.ids, (std::vector<uint32_t>{7, 8, 9, 10, 11, 12, 13, 14}));
  EXPECT_EQ(results.lengths, (std::vector<uint32_t>{10, 5, kMissing, 10, 0, 0, kMissing, 5}));
  EXPECT_EQ(results.bytes, "value of aothervalue of aother");
  EXPECT_TRUE(results.errors.empty());
}

TEST_F(ReadsTest, ReadsAtASnapshot) {
  PendingRead before = Read(1, 0, "a");
  before.snapshot = std::make_shared<Snapshot>(store_->db());
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "a", "new")));
  const ReadResults results = RunReads({before, Read(2, 0, "a")});
  EXPECT_EQ(results.bytes, "value of anew");
}

TEST_F(ReadsTest, FailsOneReadAlone) {
  Cool();
  PendingRead late = Read(2, 0, "a");
  late.deadline = Deadline(1);  // long ago
  const ReadResults results = RunReads({Read(1, 0, "a"), late, Read(3, 0, "a")});
  EXPECT_EQ(results.lengths, (std::vector<uint32_t>{10, kFailed, 10}));
  ASSERT_EQ(results.errors.size(), 1u);
  EXPECT_EQ(results.errors[0].first, 1u);
  EXPECT_EQ(results.errors[0].second.code(), Code::kTimedOut);
  EXPECT_TRUE(results.errors[0].second.retryable());
}

TEST_F(ReadsTest, MakesDeadlinesOfMilliseconds) {
  EXPECT_EQ(DeadlineIn(0).count(), 0);
  EXPECT_EQ(DeadlineIn(-5).count(), 0);
  const auto difference = DeadlineIn(10000) - DeadlineIn(1000);
  EXPECT_GT(difference.count(), 8000000);
}

TEST_F(ReadsTest, ReadsManyKeysOfOneFamily) {
  Cool();
  const std::string packed = Packed({"a", "missing", "", "empty", "a"});
  ManyRead read;
  ASSERT_TRUE(read.Unpack(packed, 5).ok());
  EXPECT_TRUE(IsOk(read.Run(*store_->FindFamily(0), 0, nullptr, Deadline(0))));
  ASSERT_EQ(read.total_bytes(), 20u);
  std::string bytes(20, '\0');
  std::vector<uint32_t> lengths(5);
  read.CopyTo(bytes.data(), lengths.data());
  EXPECT_EQ(bytes, "value of avalue of a");
  EXPECT_EQ(lengths, (std::vector<uint32_t>{10, kMissing, kMissing, 0, 10}));
}

TEST_F(ReadsTest, SaysWhereMemoryDoesNotAnswer) {
  Cool();
  const std::string packed = Packed({"a"});
  ManyRead cold;
  ASSERT_TRUE(cold.Unpack(packed, 1).ok());
  EXPECT_TRUE(IsOk(cold.Run(*store_->FindFamily(0), kCacheOnly, nullptr, Deadline(0))));
  EXPECT_TRUE(cold.not_cached()) << cold.total_bytes();
  EXPECT_EQ(testing::Get(store_.get(), 0, "a"), "value of a");  // now it is cached
  ManyRead warm;
  ASSERT_TRUE(warm.Unpack(packed, 1).ok());
  EXPECT_TRUE(IsOk(warm.Run(*store_->FindFamily(0), kCacheOnly, nullptr, Deadline(0))));
  EXPECT_FALSE(warm.not_cached());
  EXPECT_EQ(warm.total_bytes(), 10u);
}

// The blocks were just written, so they are in the page cache; on a file system that cannot tell,
// the read would have to wait. Neither is an error, and a read that may wait finds the value.
TEST_F(ReadsTest, ReadsThePageCacheOrSaysThatItWouldWait) {
  Cool();
  const rocksdb::ReadOptions nowait = MakeReadOptions(kNoWait, nullptr);
  std::string value;
  const rocksdb::Status status = store_->db()->Get(nowait, "a", &value);
  EXPECT_TRUE(status.ok() || WouldWait(status, kNoWait)) << status.ToString();
  EXPECT_FALSE(WouldWait(status, 0));
  EXPECT_EQ(value, status.ok() ? "value of a" : "");
  EXPECT_EQ(testing::Get(store_.get(), 0, "a"), "value of a");
  const std::string packed = Packed({"a", "missing"});
  ManyRead many;
  ASSERT_TRUE(many.Unpack(packed, 2).ok());
  EXPECT_TRUE(IsOk(many.Run(*store_->FindFamily(0), kNoWait, nullptr, Deadline(0))));
  EXPECT_FALSE(many.not_cached());
  EXPECT_EQ(many.total_bytes(), 10u);
}

TEST_F(ReadsTest, RefusesKeysThatAreCutShort) {
  const std::string packed = Packed({"first", "second"});
  for (size_t size = 0; size < packed.size(); ++size) {
    ManyRead read;
    const std::string cut = packed.substr(0, size);
    EXPECT_EQ(read.Unpack(cut, 2).code(), Code::kInvalidArgument) << size;
  }
  ManyRead more;
  EXPECT_FALSE(more.Unpack(packed, 3).ok());
  ManyRead huge;
  const std::string lying("\xFF\xFF\xFF\xFFkey", 7);
  EXPECT_FALSE(huge.Unpack(lying, 1).ok());
}

TEST_F(ReadsTest, RefusesACountThatNoMemoryHolds) {
  ManyRead read;
  EXPECT_FALSE(read.Unpack(Packed({"a"}), 0xFFFFFFFF).ok());
}

}  // namespace
}  // namespace rocksdb_live
