#include "engine/options/options.h"

#include <algorithm>

#include "engine/tests/support.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/table.h"

namespace rocksdb_live {
namespace {

class OptionsTest : public ::testing::Test {
 protected:
  Error BuildFamily(const FamilyOptionMaps& maps) {
    rocksdb::ColumnFamilyOptions options;
    return builder_.BuildFamily("users", maps, rocksdb::DBOptions(), &options);
  }

  OptionsBuilder builder_{OptionMap{{"block_cache_bytes", std::to_string(8 << 20)}}};
};

TEST_F(OptionsTest, NamesWhatItDoesNotKnow) {
  rocksdb::DBOptions options;
  Error error = builder_.BuildDb({{"no_such_option", "1"}}, &options);
  EXPECT_EQ(error.code(), Code::kInvalidArgument);
  EXPECT_NE(error.message().find("no_such_option"), std::string::npos) << error.message();
  error = builder_.BuildDb({{"max_background_jobs", "many"}}, &options);
  EXPECT_EQ(error.code(), Code::kInvalidArgument);

  error = BuildFamily({{{"no_such_option", "1"}}, {}});
  EXPECT_EQ(error.code(), Code::kInvalidArgument);
  EXPECT_NE(error.message().find("\"users\""), std::string::npos) << error.message();
  error = BuildFamily({{}, {{"no_such_option", "1"}}});
  EXPECT_EQ(error.code(), Code::kInvalidArgument);
  EXPECT_NE(error.message().find("table"), std::string::npos) << error.message();
}

TEST_F(OptionsTest, RefusesACacheOfOneFamily) {
  EXPECT_EQ(BuildFamily({{}, {{"block_cache", "1M"}}}).code(), Code::kInvalidArgument);
}

TEST_F(OptionsTest, RefusesAnotherOrder) {
  const Error error = BuildFamily({{{"comparator", "rocksdb.ReverseBytewiseComparator"}}, {}});
  EXPECT_EQ(error.code(), Code::kNotSupported);
}

TEST_F(OptionsTest, SharesOneCacheAmongAllFamilies) {
  for (const char* name : {"a", "b"}) {
    rocksdb::ColumnFamilyOptions options;
    ASSERT_TRUE(
        builder_.BuildFamily(name, {{}, {{"block_size", "8192"}}}, rocksdb::DBOptions(), &options)
            .ok());
    const auto* table = options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
    ASSERT_NE(table, nullptr);
    EXPECT_EQ(table->block_cache, builder_.shared().block_cache());
    EXPECT_EQ(table->block_size, 8192u);
  }
  EXPECT_EQ(builder_.shared().block_cache()->GetCapacity(), size_t{8} << 20);
}

TEST_F(OptionsTest, ReadsBackWhatIsInForce) {
  testing::TempDir dir;
  OpenRequest request = testing::RequestFor(dir / "db");
  std::filesystem::create_directories(request.path);
  request.db = {{"max_background_jobs", "3"}, {"bytes_per_sync", "1048576"}};
  request.defaults.column_family = {{"write_buffer_size", "2097152"},
                                    {"compression", "kLZ4Compression"}};
  request.families.push_back({"users",
                              {{{"compression", "kZSTD"}, {"merge_operator", "uint64add"}},
                               {{"block_size", "16384"}, {"filter_policy", "bloomfilter:10"}}}});
  const auto store = testing::OpenStore(request);
  OptionMap db;
  EXPECT_TRUE(IsOk(ReadDbOptions(store->db(), &db)));
  EXPECT_EQ(db["max_background_jobs"], "3");
  EXPECT_EQ(db["bytes_per_sync"], "1048576");
  for (const auto& family : store->AllFamilies()) {
    FamilyOptionMaps maps;
    EXPECT_TRUE(IsOk(ReadFamilyOptions(store->db(), family->handle(), &maps)));
    if (family->name() == "users") {
      EXPECT_EQ(maps.column_family["compression"], "kZSTD");
      EXPECT_EQ(maps.column_family["merge_operator"].find("uint64add") == std::string::npos &&
                    maps.column_family["merge_operator"].find("UInt64Add") == std::string::npos,
                false)
          << maps.column_family["merge_operator"];
      EXPECT_EQ(maps.table["block_size"], "16384");
      EXPECT_TRUE(family->has_merge_operator());
    } else {
      EXPECT_EQ(maps.column_family["compression"], "kLZ4Compression");
      EXPECT_EQ(maps.column_family["write_buffer_size"], "2097152");
      EXPECT_FALSE(family->has_merge_operator());
    }
  }
}

TEST(CompareOptionsTest, SaysWhatDiffersAndHow) {
  std::vector<std::string> differences;
  CompareOptions("here: ", {{"a", "1"}, {"b", "2"}, {"c", "3"}},
                 {{"a", "1"}, {"b", "x"}, {"d", "4"}}, &differences);
  std::sort(differences.begin(), differences.end());
  EXPECT_EQ(differences, (std::vector<std::string>{"here: b is 2, asked for x",
                                                   "here: c is 3, asked for nothing",
                                                   "here: d is unset, asked for 4"}));
  differences.clear();
  CompareOptions("", {{"a", "1"}}, {{"a", "1"}}, &differences);
  EXPECT_TRUE(differences.empty());
}

}  // namespace
}  // namespace rocksdb_live
