#include "engine/files/file_names.h"

#include "gtest/gtest.h"

namespace rocksdb_live {
namespace {

void Expect(const std::string& name, FileKind kind, uint64_t number = 0) {
  const FileName parsed = ParseFileName(name);
  EXPECT_EQ(static_cast<int>(parsed.kind), static_cast<int>(kind)) << name;
  if (parsed.kind != FileKind::kStranger) {
    EXPECT_EQ(parsed.number, number) << name;
  }
}

TEST(FileNamesTest, KnowsThoseOfRocksDB) {
  Expect("CURRENT", FileKind::kCurrent);
  Expect("IDENTITY", FileKind::kIdentity);
  Expect("LOCK", FileKind::kLock);
  Expect("LOG", FileKind::kInfoLog);
  Expect("LOG.old", FileKind::kInfoLog);
  Expect("LOG.old.1700000000000000", FileKind::kInfoLog, 1700000000000000);
  Expect("MANIFEST-000005", FileKind::kManifest, 5);
  Expect("OPTIONS-000012", FileKind::kOptions, 12);
  Expect("OPTIONS-000012.dbtmp", FileKind::kTemporary, 12);
  Expect("000012.log", FileKind::kWal, 12);
  Expect("12.log", FileKind::kWal, 12);
  Expect("000013.sst", FileKind::kTable, 13);
  Expect("000013.ldb", FileKind::kLevelDbTable, 13);
  Expect("000014.blob", FileKind::kBlob, 14);
  Expect("000005.dbtmp", FileKind::kTemporary, 5);
  Expect("18446744073709551615.sst", FileKind::kTable, UINT64_MAX);
  Expect("rocksdb-live.record", FileKind::kOurs);
}

TEST(FileNamesTest, TakesNoOtherForOne) {
  for (const char* name : {"app.log",
                           "npm-debug.log",
                           ".log",
                           "000012.log.gz",
                           "a12.log",
                           "12a.log",
                           "000012",
                           "12.",
                           "photo.blob",
                           "access.ldb",
                           "MANIFEST-",
                           "MANIFEST-x",
                           "MANIFEST-5.bak",
                           "OPTIONS-",
                           "CURRENT.bak",
                           "LOG.txt",
                           "LOG.old.x",
                           "LOGS",
                           "18446744073709551616.sst",
                           "data.mdb",
                           ""}) {
    Expect(name, FileKind::kStranger);
  }
}

TEST(FileNamesTest, WritesNamesAsRocksDBDoes) {
  EXPECT_EQ(NumberedName(12, ".log"), "000012.log");
  EXPECT_EQ(NumberedName(1234567, ".sst"), "1234567.sst");
  EXPECT_EQ(ManifestName(5), "MANIFEST-000005");
}

}  // namespace
}  // namespace rocksdb_live
