// Databases written by other programs with RocksDB that this package cannot read, or would misread.
#include "engine/directory/unreadable.h"

#include <fstream>
#include <map>

#include "engine/tests/support.h"
#include "rocksdb/comparator.h"
#include "rocksdb/convenience.h"
#include "rocksdb/env_encryption.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/db_ttl.h"
#include "rocksdb/version.h"
#include "rocksdb/wide_columns.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;
using rocksdb::DB;
using rocksdb::Options;

// Names and contents of the files in a directory.
std::map<std::string, std::string> Contents(const std::string& path) {
  std::map<std::string, std::string> contents;
  for (const auto& file : fs::directory_iterator(path)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    contents[file.path().filename().u8string()] =
        std::string(std::istreambuf_iterator<char>(in), {});
  }
  return contents;
}

// Since 10.x RocksDB returns the database in a unique_ptr.
std::unique_ptr<DB> OpenPlain(const Options& options, const std::string& path) {
#if ROCKSDB_MAJOR >= 10
  std::unique_ptr<DB> db;
  EXPECT_TRUE(DB::Open(options, path, &db).ok());
  return db;
#else
  DB* db = nullptr;
  EXPECT_TRUE(DB::Open(options, path, &db).ok());
  return std::unique_ptr<DB>(db);
#endif
}

class UnreadableTest : public ::testing::Test {
 protected:
  UnreadableTest() { options_.create_if_missing = true; }

  void Write(DB* db) {
    ASSERT_NE(db, nullptr);
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "key", "value").ok());
    ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
  }
  void Write() { Write(OpenPlain(options_, path_).get()); }

  // In every mode, and without changing a byte.
  void ExpectRefused(Code code, const std::vector<std::string>& parts) {
    const auto before = Contents(path_);
    for (const Mode mode : {Mode::kReadOnly, Mode::kSecondary, Mode::kReadWrite}) {
      OpenRequest request = testing::RequestFor(path_);
      request.mode = mode;
      if (mode == Mode::kSecondary) request.secondary_path = dir_ / "secondary";
      const Error error = Store::Open(request).error;
      EXPECT_EQ(error.code(), code) << error.message();
      EXPECT_EQ(error.message().find("may be corrupted"), std::string::npos) << error.message();
      for (const std::string& part : parts) {
        EXPECT_NE(error.message().find(part), std::string::npos)
            << part << " in " << error.message();
      }
    }
    EXPECT_TRUE(before == Contents(path_));
  }

  testing::TempDir dir_;
  const std::string path_ = dir_ / "db";
  Options options_;
};

TEST_F(UnreadableTest, OpensWhatAnyRocksDBWrites) {
  Write();
  const std::shared_ptr<Store> store = testing::OpenStore(testing::RequestFor(path_));
  EXPECT_EQ(testing::Get(store.get(), 0, "key"), "value");
}

TEST_F(UnreadableTest, KeysThatAreSortedBackwards) {
  options_.comparator = rocksdb::ReverseBytewiseComparator();
  Write();
  ExpectRefused(Code::kNotSupported,
                {"\"default\"", "rocksdb.ReverseBytewiseComparator", "backwards"});
}

TEST_F(UnreadableTest, KeysWithTimestamps) {
  options_.comparator = rocksdb::BytewiseComparatorWithU64Ts();
  const std::unique_ptr<DB> db = OpenPlain(options_, path_);
  const std::string stamp(8, '\1');
  ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "key", stamp, "value").ok());
  ASSERT_TRUE(db->Close().ok());
  ExpectRefused(Code::kNotSupported, {".u64ts", "timestamp"});
}

TEST_F(UnreadableTest, PlainTables) {
  options_.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(2));
  options_.table_factory.reset(rocksdb::NewPlainTableFactory());
  options_.allow_mmap_reads = true;
  Write();
  ExpectRefused(Code::kNotSupported, {".sst", "PlainTable", "The database is whole"});
}

TEST_F(UnreadableTest, CuckooTables) {
  options_.table_factory.reset(rocksdb::NewCuckooTableFactory());
  options_.allow_mmap_reads = true;
  Write();
  ExpectRefused(Code::kNotSupported, {".sst", "CuckooTable"});
}

TEST_F(UnreadableTest, TablesOfANewerFormat) {
  Write();
  fs::path table;
  for (const auto& file : fs::directory_iterator(path_)) {
    if (file.path().extension() == ".sst") table = file.path();
  }
  std::fstream file(table, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(-12, std::ios::end);
  file.put(99);
  file.close();
  ExpectRefused(Code::kNotSupported, {"format_version 99", "a newer RocksDB wrote it"});
}

TEST_F(UnreadableTest, TablesInOtherFolders) {
  options_.db_paths = {{path_, 1}, {dir_ / "other", uint64_t{1} << 40}};
  const std::unique_ptr<DB> db = OpenPlain(options_, path_);
  Write(db.get());
  rocksdb::CompactRangeOptions elsewhere;
  elsewhere.target_path_id = 1;
  elsewhere.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  ASSERT_TRUE(db->CompactRange(elsewhere, nullptr, nullptr).ok());
  ASSERT_TRUE(db->Close().ok());
  ExpectRefused(Code::kNotSupported, {"db_paths"});
}

TEST_F(UnreadableTest, TheFirstFolderElsewhere) {
  options_.db_paths = {{dir_ / "other", uint64_t{1} << 40}};
  Write();
  ExpectRefused(Code::kCorruption, {"1 of 1 tables", "cf_paths"});
}

TEST_F(UnreadableTest, TablesThatAreGone) {
  Write();
  Write();
  fs::path table;
  for (const auto& file : fs::directory_iterator(path_)) {
    if (file.path().extension() == ".sst") table = file.path();
  }
  fs::remove(table);
  ExpectRefused(Code::kCorruption, {"1 of 2 tables", table.filename().u8string()});
}

TEST_F(UnreadableTest, ValuesWithTimesToLive) {
  rocksdb::DBWithTTL* raw = nullptr;
  ASSERT_TRUE(rocksdb::DBWithTTL::Open(options_, path_, &raw, 3600).ok());
  const std::unique_ptr<rocksdb::DBWithTTL> db(raw);
  Write(db.get());
  ASSERT_TRUE(db->Close().ok());
  ExpectRefused(Code::kNotSupported, {"DBWithTTL", "four bytes", "OPTIONS-"});
}

TEST_F(UnreadableTest, EncryptedFiles) {
  std::shared_ptr<rocksdb::EncryptionProvider> provider;
  ASSERT_TRUE(rocksdb::EncryptionProvider::CreateFromString(rocksdb::ConfigOptions(), "CTR://test",
                                                            &provider)
                  .ok());
  const std::unique_ptr<rocksdb::Env> env(
      rocksdb::NewEncryptedEnv(rocksdb::Env::Default(), provider));
  options_.env = env.get();
  Write();
  ExpectRefused(Code::kNotSupported, {"encrypted"});
}

TEST_F(UnreadableTest, CurrentThatIsDamaged) {
  Write();
  const std::vector<std::string> damaged = {"", "MANIFEST-", "MANIFEST-000005", "\xff\x01noise\n"};
  for (const std::string& text : damaged) {
    std::ofstream(fs::u8path(path_) / "CURRENT", std::ios::binary) << text;
    ExpectRefused(Code::kCorruption, {"CURRENT", "MANIFEST-"});
  }
}

TEST_F(UnreadableTest, NamesThatAreNoText) {
  const std::unique_ptr<DB> db = OpenPlain(options_, path_);
  rocksdb::ColumnFamilyHandle* family = nullptr;
  const std::string name("a\xff\0b", 4);
  ASSERT_TRUE(db->CreateColumnFamily(options_, name, &family).ok());
  ASSERT_TRUE(db->DestroyColumnFamilyHandle(family).ok());
  ASSERT_TRUE(db->Close().ok());
  ExpectRefused(Code::kNotSupported, {"\"a\\xff\\x00b\""});
}

class Own : public rocksdb::MergeOperator {
 public:
  const char* Name() const override { return "OwnOperator"; }
  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    out->new_value = in.operand_list.back().ToString();
    return true;
  }
};

TEST_F(UnreadableTest, OperandsOfAnOperatorOfTheirProgram) {
  options_.merge_operator = std::make_shared<Own>();
  const std::unique_ptr<DB> db = OpenPlain(options_, path_);
  ASSERT_TRUE(db->Merge(rocksdb::WriteOptions(), "key", "operand").ok());
  ASSERT_TRUE(db->Close().ok());
  ExpectRefused(Code::kNotSupported, {"\"default\"", "OwnOperator", "OPTIONS-"});
}

TEST_F(UnreadableTest, ValuesWithColumnsAreNeverTakenForOthers) {
  const std::unique_ptr<DB> db = OpenPlain(options_, path_);
  rocksdb::ColumnFamilyHandle* const family = db->DefaultColumnFamily();
  ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "a", "plain").ok());
  ASSERT_TRUE(
      db->PutEntity(rocksdb::WriteOptions(), family, "b", {{"", "unnamed"}, {"x", "1"}}).ok());
  ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
  ASSERT_TRUE(db->PutEntity(rocksdb::WriteOptions(), family, "c", {{"x", "1"}}).ok());
  ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "d", "").ok());
  ASSERT_TRUE(db->Close().ok());
  for (const Mode mode : {Mode::kReadOnly, Mode::kSecondary, Mode::kReadWrite}) {
    OpenRequest request = testing::RequestFor(path_);
    request.mode = mode;
    if (mode == Mode::kSecondary) request.secondary_path = dir_ / "secondary";
    const std::shared_ptr<Store> store = testing::OpenStore(request);
    EXPECT_EQ(testing::Get(store.get(), 0, "a"), "plain");
    EXPECT_EQ(testing::Get(store.get(), 0, "d"), "");
    EXPECT_EQ(testing::Get(store.get(), 0, "e"), "(none)");
    const std::vector<rocksdb::Slice> keys = {"a", "b", "c", "d"};
    std::vector<rocksdb::PinnableSlice> values(4);
    std::vector<rocksdb::Status> statuses(4);
    // A reader's family belongs to its view.
    const std::shared_ptr<Family> own = store->FindFamily(0);
    rocksdb::ColumnFamilyHandle* const handle = own->handle();
    own->db()->MultiGet(rocksdb::ReadOptions(), handle, 4, keys.data(), values.data(),
                        statuses.data());
    EXPECT_EQ(values[0].ToString(), "plain");
    EXPECT_TRUE(statuses[3].ok());
    const std::unique_ptr<rocksdb::Iterator> rows(
        own->db()->NewIterator(rocksdb::ReadOptions(), handle));
    for (const int wide : {1, 2}) {
      std::string value;
      const Error error =
          Error::From(own->db()->Get(rocksdb::ReadOptions(), handle, keys[wide], &value));
      EXPECT_EQ(error.code(), Code::kNotSupported) << value;
      EXPECT_NE(error.message().find("PutEntity"), std::string::npos) << error.message();
      EXPECT_TRUE(statuses[wide].IsNotSupported());
      rows->Seek(keys[wide]);
      EXPECT_FALSE(rows->Valid());
      EXPECT_TRUE(rows->status().IsNotSupported());
    }
    rows->SeekToLast();
    ASSERT_TRUE(rows->Valid());
    EXPECT_EQ(rows->key(), "d");
    rows->Prev();
    EXPECT_FALSE(rows->Valid());
    EXPECT_TRUE(rows->status().IsNotSupported());
  }
}

TEST_F(UnreadableTest, LooksAtEachValueOnlyWhereOthersHaveWritten) {
  const auto looks = [this] {
    const std::shared_ptr<Store> store = testing::OpenStore(testing::RequestFor(path_));
    return store->db() != store->db()->GetRootDB();
  };
  fs::create_directories(path_);
  EXPECT_FALSE(looks());
  EXPECT_FALSE(looks());
  Write();
  EXPECT_TRUE(looks());
  EXPECT_TRUE(looks());
}

TEST_F(UnreadableTest, LevelDb) {
  // The first record that LevelDB writes: comparator, log number, next file, last sequence.
  const std::string edit =
      std::string("\x01\x1a") + "leveldb.BytewiseComparator" + "\x02\x03\x03\x04\x04\x05";
  std::string record("\0\0\0\0", 4);
  record += static_cast<char>(edit.size());
  record += std::string("\0\1", 2) + edit;
  fs::create_directories(path_);
  std::ofstream(fs::u8path(path_) / "MANIFEST-000002", std::ios::binary) << record;
  std::ofstream(fs::u8path(path_) / "CURRENT") << "MANIFEST-000002\n";
  std::ofstream(fs::u8path(path_) / "000003.log") << "";
  ExpectRefused(Code::kNotSupported, {"LevelDB", "classic-level"});
}

}  // namespace
}  // namespace rocksdb_live
