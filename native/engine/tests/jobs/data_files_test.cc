#include "engine/jobs/data_files.h"

#include <filesystem>
#include <fstream>

#include "engine/files/lock_holder.h"
#include "engine/jobs/maintenance.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

class DataFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(dir_ / "db");
    OpenRequest request = testing::RequestFor(dir_ / "db");
    request.defaults.column_family = {{"enable_blob_files", "true"}, {"min_blob_size", "1000"}};
    store_ = testing::OpenStore(request);
    ASSERT_TRUE(store_);
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, testing::Key(i), "small")));
    }
    EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "large", std::string(5000, 'x'))));
    EXPECT_TRUE(IsOk(Flush(store_.get(), store_->AllFamilies())));
  }
  void TearDown() override {
    if (store_) {
      EXPECT_TRUE(IsOk(store_->Close()));
    }
  }
  std::vector<DataFile> List() {
    Result<std::vector<DataFile>> files = ListDataFiles(store_->AllFamilies(), canceled_);
    EXPECT_TRUE(files.ok()) << files.error.message();
    return files.value;
  }
  static std::string PathOf(const DataFile& file) { return file.directory + "/" + file.name; }
  // Overwrites the byte there.
  static void Damage(const std::string& path, std::streamoff at) {
    std::fstream file(std::filesystem::u8path(path),
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.put('!');
  }

  testing::TempDir dir_;
  std::shared_ptr<Store> store_;
  std::atomic<bool> canceled_{false};
};

TEST_F(DataFilesTest, ListsTablesAndBlobFiles) {
  const std::vector<DataFile> files = List();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].level, 0);
  EXPECT_EQ(files[0].smallest_key, testing::Key(0));
  EXPECT_EQ(files[0].largest_key, "large");
  ASSERT_TRUE(files[0].contents);
  EXPECT_EQ(files[0].contents->entries, 11u);
  EXPECT_EQ(files[0].bytes, std::filesystem::file_size(std::filesystem::u8path(PathOf(files[0]))));
  EXPECT_EQ(files[1].level, -1);
  EXPECT_EQ(files[1].blobs, 1u);
}

TEST_F(DataFilesTest, EndsWhenItIsCanceled) {
  canceled_ = true;
  EXPECT_EQ(ListDataFiles(store_->AllFamilies(), canceled_).error.code(), Code::kShutdown);
}

TEST_F(DataFilesTest, FindsDamage) {
  const std::shared_ptr<Family> family = store_->FindFamily(0);
  for (const DataFile& file : List()) {
    const bool is_blob = file.level < 0;
    EXPECT_TRUE(IsOk(CheckDataFile(*family, PathOf(file), is_blob)));
    Damage(PathOf(file), is_blob ? 100 : 5);
    EXPECT_EQ(CheckDataFile(*family, PathOf(file), is_blob).code(), Code::kCorruption);
  }
}

TEST_F(DataFilesTest, SaysWhoHasItOpen) {
#ifdef __linux__
  EXPECT_EQ(HolderOf(dir_ / "db"), "this process");
#endif
  EXPECT_TRUE(IsOk(store_->Close()));
  store_.reset();
  EXPECT_EQ(HolderOf(dir_ / "db"), "");
  EXPECT_EQ(HolderOf(dir_ / "none"), "");
}

}  // namespace
}  // namespace rocksdb_live
