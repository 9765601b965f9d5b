#include "engine/base/fallback_merge.h"

#include "engine/tests/support.h"
#include "rocksdb/convenience.h"
#include "rocksdb/utilities/options_util.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;
using testing::OpenStore;
using testing::RequestFor;

class FallbackMergeTest : public ::testing::Test {
 protected:
  // Operands in a table and in the WAL of a family for which OPTIONS names no operator.
  void WriteOperands() {
    OpenRequest request = RequestFor(dir_.path());
    request.defaults.column_family["merge_operator"] = "stringappend";
    const std::shared_ptr<Store> store = OpenStore(request);
    for (const char* operand : {"a", "b", "c"}) {
      std::string batch = BatchBuilder().Merge(0, "key", operand).Build();
      ASSERT_TRUE(IsOk(store->Write(&batch, 0)));
      if (*operand == 'c') continue;
      ASSERT_TRUE(store->db()->Flush(rocksdb::FlushOptions()).ok());
    }
    ASSERT_TRUE(IsOk(store->Close()));
    for (const auto& file : std::filesystem::directory_iterator(dir_.path())) {
      if (file.path().filename().u8string().rfind("OPTIONS-", 0) == 0) {
        std::filesystem::remove(file.path());
      }
    }
  }

  testing::TempDir dir_;
};

TEST_F(FallbackMergeTest, LeavesAnOptionsFileThatAnyRocksDBLoads) {
  ASSERT_TRUE(IsOk(OpenStore(RequestFor(dir_.path()))->Close()));
  rocksdb::ConfigOptions strict;
  strict.ignore_unknown_options = false;
  strict.ignore_unsupported_options = false;
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  ASSERT_TRUE(rocksdb::LoadLatestOptions(strict, dir_.path(), &options, &families).ok());
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].options.merge_operator, nullptr);
}

TEST_F(FallbackMergeTest, KeepsOperandsInReplaysFlushesAndCompactions) {
  WriteOperands();
  {
    const std::shared_ptr<Store> store = OpenStore(RequestFor(dir_.path()));
    EXPECT_FALSE(store->FindFamily(0)->has_merge_operator());
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(store->db()->CompactRange(all, nullptr, nullptr).ok());
    std::string value;
    const Error error = Error::From(store->db()->Get(rocksdb::ReadOptions(), "key", &value));
    EXPECT_EQ(error.code(), Code::kNotSupported);
    EXPECT_NE(error.message().find("mergeOperator"), std::string::npos) << error.message();
    rocksdb::TablePropertiesCollection tables;
    ASSERT_TRUE(store->db()->GetPropertiesOfAllTables(&tables).ok());
    ASSERT_EQ(tables.size(), 1u);
    EXPECT_EQ(tables.begin()->second->merge_operator_name, "nullptr");
    ASSERT_TRUE(IsOk(store->Close()));
  }
  OpenRequest request = RequestFor(dir_.path());
  request.defaults.column_family["merge_operator"] = "stringappend";
  const std::shared_ptr<Store> store = OpenStore(request);
  EXPECT_EQ(testing::Get(store.get(), 0, "key"), "a,b,c");
}

}  // namespace
}  // namespace rocksdb_live
