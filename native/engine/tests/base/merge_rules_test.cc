#include "engine/base/merge_rules.h"

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;
using testing::Get;

std::string Eight(unsigned char low) {
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(low);
  return bytes;
}

class MergeRulesTest : public ::testing::Test {
 protected:
  std::shared_ptr<Store> Open(const char* merge_operator) {
    OpenRequest request = testing::RequestFor(dir_ / "db");
    std::filesystem::create_directories(request.path);
    request.defaults.column_family = {{"merge_operator", merge_operator}};
    return testing::OpenStore(request);
  }
  static Error Write(Store* store, const BatchBuilder& builder) {
    std::string batch = builder.Build();
    return store->Write(&batch, 0);
  }

  testing::TempDir dir_;
};

TEST_F(MergeRulesTest, TakesEightBytesForUint64Add) {
  const auto store = Open("uint64add");
  EXPECT_TRUE(
      IsOk(Write(store.get(), BatchBuilder().Put(0, "a", Eight(1)).Merge(0, "a", Eight(2)))));
  EXPECT_EQ(Get(store.get(), 0, "a"), Eight(3));
  for (const std::string& wrong : {std::string(), std::string("abc"), std::string(9, 'x')}) {
    for (const auto& builder :
         {BatchBuilder().Merge(0, "a", wrong), BatchBuilder().Put(0, "a", wrong),
          BatchBuilder().Put(0, "b", Eight(1)).Merge(0, "a", wrong)}) {
      const Error error = Write(store.get(), builder);
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      EXPECT_EQ(error.outcome(), Outcome::kNotApplied);
      EXPECT_NE(error.message().find("uint64add takes 8 bytes"), std::string::npos)
          << error.message();
    }
  }
  EXPECT_EQ(Get(store.get(), 0, "a"), Eight(3));
  EXPECT_EQ(Get(store.get(), 0, "b"), "(none)");
}

// Written by another program, as it is in a file and in a memtable.
TEST_F(MergeRulesTest, FailsReadsOfBytesThatUint64AddCannotRead) {
  auto store = Open("uint64add");
  rocksdb::DB* const db = store->db();
  const rocksdb::WriteOptions plain;
  ASSERT_TRUE(db->Merge(plain, "operand", "abc").ok());
  ASSERT_TRUE(db->Put(plain, "value", "abc").ok());
  ASSERT_TRUE(db->Merge(plain, "value", Eight(1)).ok());
  ASSERT_TRUE(db->Merge(plain, "right", Eight(1)).ok());
  ASSERT_TRUE(db->Merge(plain, "right", Eight(4)).ok());
  for (int round = 0; round < 3; ++round) {
    for (const char* key : {"operand", "value"}) {
      EXPECT_NE(Get(store.get(), 0, key).find("Corruption"), std::string::npos) << key << round;
    }
    EXPECT_EQ(Get(store.get(), 0, "right"), Eight(5)) << round;
    ASSERT_TRUE(store->db()->Flush(rocksdb::FlushOptions()).ok()) << round;
    ASSERT_TRUE(store->db()->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok());
    EXPECT_EQ(store->health().Get().severity, 0) << round;
    if (round == 1) {
      ASSERT_TRUE(IsOk(store->Close()));
      store = Open("uint64add");
    }
  }
  EXPECT_TRUE(IsOk(Write(store.get(), BatchBuilder().Put(0, "value", Eight(9)))));
  EXPECT_EQ(Get(store.get(), 0, "value"), Eight(9));
}

TEST_F(MergeRulesTest, OffersThoseThatTakeAnyBytes) {
  for (const char* name : {"put", "put_v1", "max", "stringappend", "stringappendtest", "bytesxor",
                           "{id=stringappend;delimiter=|}", "uint64add", "UInt64AddOperator"}) {
    rocksdb::ColumnFamilyOptions options;
    OptionsBuilder builder{OptionMap()};
    EXPECT_TRUE(IsOk(
        builder.BuildFamily("f", {{{"merge_operator", name}}, {}}, rocksdb::DBOptions(), &options)))
        << name;
    EXPECT_NE(options.merge_operator, nullptr) << name;
  }
}

TEST_F(MergeRulesTest, DoesNotOfferSortlist) {
  for (const char* name : {"sortlist", "MergeSortOperator"}) {
    rocksdb::ColumnFamilyOptions options;
    OptionsBuilder builder{OptionMap()};
    const Error error =
        builder.BuildFamily("f", {{{"merge_operator", name}}, {}}, rocksdb::DBOptions(), &options);
    EXPECT_EQ(error.code(), Code::kNotSupported);
    EXPECT_NE(error.message().find("MergeSortOperator is not offered"), std::string::npos)
        << error.message();
  }
}

}  // namespace
}  // namespace rocksdb_live
