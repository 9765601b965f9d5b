#include "engine/files/table_footer.h"

#include "engine/files/small_files.h"
#include "engine/tests/support.h"
#include "rocksdb/convenience.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"

namespace rocksdb_live {
namespace {

class TableFooterTest : public ::testing::Test {
 protected:
  std::string Write(const rocksdb::Options& options, int rows = 100) {
    const std::string path = dir_ / std::to_string(++count_);
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
    EXPECT_TRUE(writer.Open(path).ok());
    for (int i = 0; i < rows; ++i) {
      EXPECT_TRUE(writer.Put(testing::Key(i), std::string(100, 'v')).ok());
    }
    EXPECT_TRUE(writer.Finish().ok());
    return path;
  }

  testing::TempDir dir_;
  int count_ = 0;
};

TEST_F(TableFooterTest, ReadsEveryVersionAndCompressionThatThisBuildWrites) {
  for (uint32_t version = 2; version <= NewestFormatVersion(); ++version) {
    for (const rocksdb::CompressionType compression : rocksdb::GetSupportedCompressions()) {
      rocksdb::Options options;
      options.compression = compression;
      rocksdb::BlockBasedTableOptions table;
      table.format_version = version;
      options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
      const TableFooter footer = ReadTableFooter(Write(options));
      EXPECT_EQ(footer.kind, TableKind::kBlockBased);
      EXPECT_EQ(footer.format_version, version);
      EXPECT_NE(footer.compression, "") << version << ' ' << compression;
      EXPECT_EQ(WhyUnreadable(footer), "");
    }
  }
}

TEST_F(TableFooterTest, SaysWhatCannotBeRead) {
  TableFooter footer = ReadTableFooter(Write(rocksdb::Options()));
  EXPECT_EQ(WhyUnreadable(footer), "");
  const auto expect = [](const TableFooter& changed, const std::string& part) {
    const std::string why = WhyUnreadable(changed);
    EXPECT_NE(why.find(part), std::string::npos) << part << " in " << why;
  };
  TableFooter changed = footer;
  changed.format_version = 99;
  expect(changed, "format_version 99");
  changed = footer;
  changed.checksum = 77;
  expect(changed, "checksums of kind 77");
  changed = footer;
  for (const char* property : {"Xpress", "BuiltinV2;06;", ";06;", "BuiltinV2;0706;"}) {
    changed.compression = property;
    expect(changed, "Xpress");
  }
  changed.compression = "Own;81;";
  expect(changed, "its program's own (129)");
  for (const char* property :
       {"", "NoCompression", "ZSTD", "LZ4", "BuiltinV2;;", "BuiltinV2;07;"}) {
    changed.compression = property;
    EXPECT_EQ(WhyUnreadable(changed), "") << property;
  }
  changed.kind = TableKind::kPlain;
  expect(changed, "PlainTable");
  changed.kind = TableKind::kCuckoo;
  expect(changed, "CuckooTable");
  changed.kind = TableKind::kUnknown;
  EXPECT_EQ(WhyUnreadable(changed), "");
}

TEST_F(TableFooterTest, StandsWhateverBytes) {
  std::string tail;
  uint64_t size = 0;
  ASSERT_TRUE(ReadTail(Write(rocksdb::Options()), 4096, &tail, &size));
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string changed = tail;
    for (int n = 0; n < 4; ++n) changed[random() % changed.size()] = static_cast<char>(random());
    static_cast<void>(WhyUnreadable(ParseTableFooter(changed, size)));
  }
  for (size_t length = 0; length < tail.size(); length += 7) {
    static_cast<void>(WhyUnreadable(ParseTableFooter(tail.substr(length), size)));
    static_cast<void>(WhyUnreadable(ParseTableFooter(tail.substr(0, length), length)));
  }
}

}  // namespace
}  // namespace rocksdb_live
