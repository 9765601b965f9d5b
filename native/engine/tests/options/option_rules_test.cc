#include "engine/options/option_rules.h"

#include "engine/options/option_numbers.h"
#include "engine/tests/support.h"
#include "rocksdb/convenience.h"
#include "rocksdb/table.h"
#include "rocksdb/version.h"

namespace rocksdb_live {
namespace {

class OptionRulesTest : public ::testing::Test {
 protected:
  Error Family(const OptionMap& column_family, const OptionMap& table = {}) {
    rocksdb::ColumnFamilyOptions options;
    return builder_.BuildFamily("f", {column_family, table}, rocksdb::DBOptions(), &options);
  }
  Error Db(const OptionMap& map) {
    rocksdb::DBOptions options;
    return builder_.BuildDb(map, &options);
  }
  static void ExpectRefused(const Error& error, const std::string& named) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument) << named;
    EXPECT_NE(error.message().find(named), std::string::npos) << error.message();
  }

  OptionsBuilder builder_{OptionMap()};
};

TEST_F(OptionRulesTest, TakesWhatRocksDBStartsWith) {
  EXPECT_TRUE(IsOk(Db({})));
  EXPECT_TRUE(IsOk(Family({})));
  EXPECT_TRUE(IsOk(CheckDbOptions(rocksdb::DBOptions())));
  EXPECT_TRUE(IsOk(CheckFamilyOptions("f", rocksdb::DBOptions(), rocksdb::ColumnFamilyOptions())));
}

TEST_F(OptionRulesTest, ChecksNumbersInEverySpelling) {
  for (const OptionMap& map : std::vector<OptionMap>{
           {{"compression_opts", "{parallel_threads=0;}"}},
           {{"compression_opts", "{parallel_threads=0;level=3}"}},
           {{"compression_opts.parallel_threads", "0"}},
           {{"compression_opts", "-14:32767:0:0:0:0:true"}},
       }) {
    ExpectRefused(Family(map), "compression_opts.parallel_threads is 0, and must be from 1 to 64");
  }
  ExpectRefused(Family({{"bottommost_compression_opts.parallel_threads", "1000"}}),
                "bottommost_compression_opts.parallel_threads is 1000");
  ExpectRefused(Db({{"table_cache_numshardbits", "20"}}), "from -1 to 19");
  EXPECT_TRUE(IsOk(Db({{"table_cache_numshardbits", "19"}})));
}

TEST_F(OptionRulesTest, TakesNoNumberBelowZeroForOneAbove) {
  ExpectRefused(Db({{"bytes_per_sync", "-1"}}), "bytes_per_sync is 18446744073709551615");
  ExpectRefused(Family({{"max_compaction_bytes", "-1"}}), "max_compaction_bytes");
  EXPECT_TRUE(IsOk(Db({{"max_open_files", "-1"}})));
  // RocksDB's way to say "the default".
  EXPECT_TRUE(IsOk(Family({{"ttl", "18446744073709551614"}})));
}

TEST_F(OptionRulesTest, TakesNoNumberThatIsNone) {
  for (const char* text : {"nan", "inf", "-inf"}) {
    ExpectRefused(Family({{"max_bytes_for_level_multiplier", text}}), "a finite number");
  }
  EXPECT_TRUE(IsOk(Db({{"db_host_id", "nan"}})));  // a name, not a number
}

TEST_F(OptionRulesTest, RefusesWhatLosesRows) {
  ExpectRefused(Family({{"compaction_pri", "kRoundRobin"}}), "kRoundRobin");
  ExpectRefused(Family({{"disallow_memtable_writes", "true"}}), "disallow_memtable_writes");
  ExpectRefused(Db({{"best_efforts_recovery", "true"}}), "best_efforts_recovery");
  ExpectRefused(Db({{"recycle_log_file_num", "2"}, {"wal_compression", "kZSTD"}}),
                "recycle_log_file_num and wal_compression");
  EXPECT_TRUE(IsOk(Db({{"recycle_log_file_num", "2"}})));
}

TEST_F(OptionRulesTest, RefusesTieringWhereItEndsTheProcess) {
  const Error error = Family({{"preclude_last_level_data_seconds", "1"}});
  if (ROCKSDB_MAJOR < 10) {
    ExpectRefused(error, "preclude_last_level_data_seconds must be 0");
  } else {
    EXPECT_TRUE(IsOk(error));
  }
  EXPECT_TRUE(IsOk(Family({{"preclude_last_level_data_seconds", "0"}})));
}

TEST_F(OptionRulesTest, RefusesCodecsThatAreNotLinked) {
  ExpectRefused(Family({{"bottommost_compression", "kXpressCompression"}}),
                "bottommost_compression");
  for (const char* text : {"kDisableCompressionOption", "kNoCompression", "kZSTD"}) {
    EXPECT_TRUE(IsOk(Family({{"bottommost_compression", text}})));
  }
}

TEST_F(OptionRulesTest, RefusesWhatLetsNobodyWrite) {
  const OptionMap both = {{"two_write_queues", "true"}, {"enable_pipelined_write", "true"}};
  ExpectRefused(Db(both), "two_write_queues and enable_pipelined_write");
  EXPECT_TRUE(IsOk(Db({{"two_write_queues", "true"}})));
}

TEST_F(OptionRulesTest, RefusesOtherMemtables) {
  for (const char* name : {"vector", "prefix_hash", "hash_linkedlist"}) {
    ExpectRefused(Family({{"memtable_factory", name}}), "only the skip list");
  }
  EXPECT_TRUE(IsOk(Family({{"memtable_factory", "skip_list:16"}})));
}

TEST_F(OptionRulesTest, ChecksTablesAsOpenDoes) {
  ExpectRefused(Family({}, {{"index_type", "kHashSearch"}}), "prefix_extractor");
  EXPECT_TRUE(IsOk(Family({{"prefix_extractor", "fixed:4"}}, {{"index_type", "kHashSearch"}})));
  ExpectRefused(Family({{"compression", "kZSTD"}}, {{"block_align", "true"}}), "block_align");
  EXPECT_TRUE(IsOk(Family({{"compression", "kNoCompression"}}, {{"block_align", "true"}})));
}

TEST_F(OptionRulesTest, HoldForFamiliesMadeLaterAndForChanges) {
  testing::TempDir dir;
  const OpenRequest request = testing::RequestFor(dir / "db");
  std::filesystem::create_directories(request.path);
  const auto store = testing::OpenStore(request);
  FamilyOptionMaps maps;
  maps.table = {{"index_type", "kHashSearch"}};
  ExpectRefused(store->CreateFamily("f", &maps).error, "prefix_extractor");
  maps.table.clear();
  maps.column_family = {{"compression_opts", "{parallel_threads=0}"}};
  ExpectRefused(store->CreateFamily("f", &maps).error, "parallel_threads");
  EXPECT_EQ(store->Families().size(), 1u);

  const auto family = store->FindFamily(0);
  rocksdb::DB* const db = store->db();
  ExpectRefused(ChangeFamily(db, family->handle(), {{"compression_opts", "{parallel_threads=0}"}}),
                "parallel_threads");
  ExpectRefused(ChangeFamily(db, family->handle(), {{"write_buffer_size", "-1"}}),
                "write_buffer_size");
  ExpectRefused(
      ChangeFamily(db, family->handle(), {{"block_based_table_factory", "{block_align=true}"}}),
      "block_align");
  EXPECT_TRUE(IsOk(ChangeFamily(db, family->handle(), {{"write_buffer_size", "1048576"}})));
  ExpectRefused(ChangeDb(db, {{"max_background_jobs", "100000"}}), "max_background_jobs");
  EXPECT_TRUE(IsOk(ChangeDb(db, {{"max_background_jobs", "3"}})));
  OptionMap now;
  EXPECT_TRUE(IsOk(ReadDbOptions(db, &now)));
  EXPECT_EQ(now["max_background_jobs"], "3");
  EXPECT_EQ(db->GetOptions(family->handle()).write_buffer_size, 1048576u);
}

}  // namespace
}  // namespace rocksdb_live
