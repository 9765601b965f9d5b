#include "engine/writes/batch_check.h"

#include <memory>
#include <random>
#include <string>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;

class BatchCheckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    OpenRequest request = testing::RequestFor(dir_ / "db");
    std::filesystem::create_directories(request.path);
    request.families.push_back({"adding", {{{"merge_operator", "uint64add"}}, {}}});
    request.families.push_back({"plain", {}});
    store_ = testing::OpenStore(request);
    for (const auto& [name, id] : store_->Families()) {
      if (name == "adding") adding_ = id;
      if (name == "plain") plain_ = id;
    }
  }
  Error Check(const std::string& batch) const {
    held_.clear();
    const auto find = [this](uint32_t id) -> const Family* {
      held_.push_back(store_->FindFamily(id));
      return held_.back().get();
    };
    return CheckBatch(batch, find, &kinds_);
  }
  void ExpectRefused(const std::string& batch, Code code, const std::string& text) const {
    const Error error = Check(batch);
    EXPECT_EQ(error.code(), code) << error.message();
    EXPECT_NE(error.message().find(text), std::string::npos) << error.message();
    EXPECT_EQ(error.outcome(), Outcome::kNotApplied);
  }

  testing::TempDir dir_;
  std::shared_ptr<Store> store_;
  uint32_t adding_ = 0;
  uint32_t plain_ = 0;
  mutable std::vector<std::shared_ptr<Family>> held_;
  mutable uint32_t kinds_ = 0;
};

TEST_F(BatchCheckTest, TakesEveryRecordThatTheFacadeWrites) {
  std::string batch = BatchBuilder()
                          .AddPlain(0x1, {"a", "value"})
                          .AddPlain(0x0, {"b"})
                          .AddPlain(0xF, {"c", "d"})
                          .Put(plain_, "a", "")
                          .Delete(plain_, "b")
                          .DeleteRange(plain_, "c", "c")
                          .Merge(adding_, "n", std::string(8, '\1'))
                          .Build();
  EXPECT_TRUE(IsOk(Check(batch)));
  EXPECT_EQ(BatchCount(batch), 7u);
  EXPECT_TRUE(IsOk(store_->Write(&batch, 0)));
  EXPECT_EQ(testing::Get(store_.get(), 0, "a"), "value");
  EXPECT_EQ(testing::Get(store_.get(), adding_, "n"), std::string(8, '\1'));
}

TEST_F(BatchCheckTest, KnowsWhatIsInABatchAsRocksDbDoes) {
  for (uint32_t kinds = 0; kinds < 32; ++kinds) {
    const bool plain = (kinds & 16) != 0;
    BatchBuilder builder;
    const auto add = [&](unsigned char tag, const std::vector<std::string>& parts) {
      const unsigned char tag_of_families = tag == 0xF ? 0xE : tag + 4;
      plain ? builder.AddPlain(tag, parts) : builder.Add(tag_of_families, adding_, parts);
    };
    if ((kinds & 1) != 0) add(0x1, {"a", std::string(8, '1')});
    if ((kinds & 2) != 0) add(0x0, {"a"});
    if ((kinds & 4) != 0 && !plain) add(0x2, {"n", std::string(8, '\1')});
    if ((kinds & 8) != 0) add(0xF, {"a", "b"});
    const std::string bytes = builder.Build();
    ASSERT_TRUE(IsOk(Check(bytes)));
    const rocksdb::WriteBatch ours = MakeWriteBatch(bytes, kinds_);
    const rocksdb::WriteBatch theirs(bytes);
    EXPECT_EQ(ours.Data(), bytes);
    EXPECT_EQ(ours.Count(), theirs.Count());
    EXPECT_EQ(ours.HasPut(), theirs.HasPut()) << kinds;
    EXPECT_EQ(ours.HasDelete(), theirs.HasDelete()) << kinds;
    EXPECT_EQ(ours.HasMerge(), theirs.HasMerge()) << kinds;
    EXPECT_EQ(ours.HasDeleteRange(), theirs.HasDeleteRange()) << kinds;
    EXPECT_FALSE(ours.HasSingleDelete() || ours.HasPutEntity() || ours.HasTimedPut());
  }
}

TEST_F(BatchCheckTest, TakesAnEmptyBatch) { EXPECT_TRUE(IsOk(Check(BatchBuilder().Build()))); }

TEST_F(BatchCheckTest, RefusesLessThanAHeader) {
  for (size_t size = 0; size < kBatchHeader; ++size) {
    ExpectRefused(std::string(size, '\0'), Code::kInvalidArgument, "header");
  }
}

TEST_F(BatchCheckTest, RefusesEveryCut) {
  const std::string batch = BatchBuilder()
                                .Put(plain_, "key", std::string(200, 'v'))
                                .Merge(adding_, "n", std::string(8, 'o'))
                                .DeleteRange(0, "a", "b")
                                .Delete(plain_, "key")
                                .Build();
  ASSERT_TRUE(Check(batch).ok());
  for (size_t size = kBatchHeader; size < batch.size(); ++size) {
    EXPECT_EQ(Check(batch.substr(0, size)).code(), Code::kInvalidArgument) << size;
  }
}

TEST_F(BatchCheckTest, RefusesACountThatDoesNotMatch) {
  std::string batch = BatchBuilder().Put(0, "a", "1").Put(0, "b", "2").Build();
  for (const int count : {0, 1, 3, 127}) {
    batch[8] = static_cast<char>(count);
    ExpectRefused(batch, Code::kInvalidArgument, "count");
  }
}

TEST_F(BatchCheckTest, RefusesEveryOtherTag) {
  for (int tag = 0; tag < 256; ++tag) {
    const bool known = tag <= 2 || (tag >= 4 && tag <= 6) || tag == 0xE || tag == 0xF;
    if (known) continue;
    const std::string records = static_cast<char>(tag) + std::string("\0\1a\1b", 5);
    ExpectRefused(BatchBuilder::WithHeader(1, records), Code::kInvalidArgument, "malformed");
  }
}

TEST_F(BatchCheckTest, RefusesLengthsBeyondTheEnd) {
  for (const uint32_t length : {6u, 127u, 128u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    const std::string records = "\x1" + BatchBuilder::Varint(length) + "12345";
    ExpectRefused(BatchBuilder::WithHeader(1, records), Code::kInvalidArgument, "record 0");
  }
}

TEST_F(BatchCheckTest, RefusesALengthThatNeverEnds) {
  for (const size_t size : {1u, 4u, 5u, 6u, 11u}) {
    const std::string records = "\x1" + std::string(size, '\xFF');
    ExpectRefused(BatchBuilder::WithHeader(1, records), Code::kInvalidArgument, "malformed");
  }
}

TEST_F(BatchCheckTest, RefusesAFamilyThatNeverWas) {
  for (const uint32_t family : {99u, 1000000u, 0xFFFFFFFFu}) {
    ExpectRefused(BatchBuilder().Put(0, "a", "1").Put(family, "a", "1").Build(), Code::kDropped,
                  "record 1");
  }
}

TEST_F(BatchCheckTest, RefusesADroppedFamilyAndAppliesNothingOfTheBatch) {
  std::string batch = BatchBuilder().Put(0, "a", "1").Put(plain_, "a", "1").Build();
  ASSERT_TRUE(store_->DropFamily(plain_).ok());
  ExpectRefused(batch, Code::kDropped, "dropped");
  EXPECT_EQ(store_->Write(&batch, 0).code(), Code::kDropped);
  EXPECT_EQ(testing::Get(store_.get(), 0, "a"), "(none)");
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "b", "still writable")));
}

TEST_F(BatchCheckTest, RefusesAnInvertedRange) {
  ExpectRefused(BatchBuilder().Put(0, "a", "1").DeleteRange(plain_, "b", "a").Build(),
                Code::kInvalidArgument, "begins after its end");
  ExpectRefused(BatchBuilder().AddPlain(0xF, {"b", "a"}).Build(), Code::kInvalidArgument, "end");
}

TEST_F(BatchCheckTest, RefusesAMergeWithoutAnOperator) {
  ExpectRefused(BatchBuilder().Merge(plain_, "a", "1").Build(), Code::kNotSupported, "\"plain\"");
  ExpectRefused(BatchBuilder().AddPlain(0x2, {"a", "1"}).Build(), Code::kNotSupported, "default");
  EXPECT_TRUE(IsOk(Check(BatchBuilder().Merge(adding_, "a", std::string(8, '1')).Build())));
}

// A batch that passes must be valid for RocksDB, too: otherwise it would apply the first half and
// stop.
TEST_F(BatchCheckTest, LetsNothingThroughThatRocksDbRefuses) {
  const unsigned seed = 20261123;
  std::mt19937 random(seed);
  const std::string whole = BatchBuilder()
                                .Put(plain_, "key", "value")
                                .Delete(0, "other")
                                .DeleteRange(adding_, "a", "b")
                                .Merge(adding_, "n", std::string(8, '\0'))
                                .Build();
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string batch = whole;
    for (unsigned changes = random() % 4; changes > 0; --changes) {
      batch[8 + random() % (batch.size() - 8)] = static_cast<char>(random());
    }
    if (random() % 4 == 0) batch.resize(random() % (batch.size() + 1));
    if (!Check(batch).ok()) continue;
    ++accepted;
    EXPECT_TRUE(IsOk(store_->Write(&batch, 0))) << "seed " << seed << ", round " << round;
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace rocksdb_live
