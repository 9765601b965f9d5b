#include "engine/readers/reader_files.h"

#include <filesystem>

#include "engine/files/lock_owner.h"
#include "engine/files/nowait_files.h"
#include "engine/readers/capture.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using rocksdb::FileOptions;
using rocksdb::FileSystem;
using rocksdb::IOOptions;

TEST(ReaderFilesTest, KnowsNumberedNames) {
  EXPECT_EQ(NumberOf("000012.log", ".log"), 12u);
  EXPECT_EQ(NumberOf("1234567.sst", ".sst"), 1234567u);
  for (const char* name :
       {"app.log", ".log", "12.logs", "1 2.log", "-1.log", "log", "", "99999999999999999999.log"}) {
    EXPECT_EQ(NumberOf(name, ".log"), std::nullopt) << name;
  }
  EXPECT_EQ(PlainPath("/a//b/c//"), "/a/b/c");
  EXPECT_EQ(PlainPath("/"), "/");
}

class CaptureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(request_.path);
    store_ = testing::OpenStore(request_);
    EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "a", "1")));
    EXPECT_TRUE(store_->db()->Flush(rocksdb::FlushOptions()).ok());
    EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "b", "2")));
  }
  Result<Captured> Take(const ReaderFiles* previous = nullptr, size_t most = 100) const {
    CaptureRequest request;
    request.path = request.wal_dir = request_.path;
    request.table_dirs = {request_.path, dir_ / "not there"};
    request.files = NowaitFiles(FileSystem::Default());
    request.most_tables = most;
    request.previous = previous;
    return Capture(request);
  }
  std::unique_ptr<ReaderFiles> Files(Captured captured) const {
    return std::make_unique<ReaderFiles>(FileSystem::Default(), std::move(captured.held),
                                         request_.path, captured.holds_tables);
  }

  testing::TempDir dir_;
  const OpenRequest request_ = testing::RequestFor(dir_ / "db");
  std::shared_ptr<Store> store_;
};

TEST_F(CaptureTest, IsTheSameUntilSomethingIsWritten) {
  const Result<Captured> first = Take();
  ASSERT_TRUE(first.ok()) << first.error.message();
  EXPECT_TRUE(first.value.fingerprint == Take().value.fingerprint);
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "c", "3")));
  EXPECT_FALSE(first.value.fingerprint == Take().value.fingerprint);
}

TEST_F(CaptureTest, TakesOverTheTablesThatAreTheSame) {
  const auto files = Files(Take().value);
  size_t tables = 0;
  for (const auto& [path, held] : Take(files.get()).value.held) {
    if (path.find(".sst") == std::string::npos) continue;
    ++tables;
    EXPECT_EQ(held.file, files->Find(path)->file) << path;
  }
  EXPECT_EQ(tables, 1u);
}

TEST_F(CaptureTest, HoldsNoTableWhereThereAreTooMany) {
  const Captured captured = Take(nullptr, 0).value;
  EXPECT_FALSE(captured.holds_tables);
  for (const auto& [path, held] : captured.held) EXPECT_EQ(path.find(".sst"), std::string::npos);
  const auto files = Files(captured);
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  const rocksdb::IOStatus gone =
      files->NewRandomAccessFile(request_.path + "/999999.sst", FileOptions(), &file, nullptr);
  EXPECT_TRUE(gone.IsBusy()) << gone.ToString();
#ifdef __linux__
  EXPECT_NE(gone.ToString().find("this process"), std::string::npos) << gone.ToString();
  EXPECT_EQ(WriterOf(request_.path), "this process");
#endif
  EXPECT_TRUE(IsOk(store_->Close()));
  EXPECT_EQ(WriterOf(request_.path), "");
}

TEST_F(CaptureTest, CutsWhatGrowsAndKeepsWhatGoes) {
  const auto files = Files(Take().value);
  std::vector<std::string> names;
  IOOptions options;
  EXPECT_TRUE(files->GetChildren(request_.path, options, &names, nullptr).ok());
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "c", "3")));
  EXPECT_TRUE(store_->db()->Flush(rocksdb::FlushOptions()).ok());
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, "d", "4")));
  EXPECT_TRUE(IsOk(store_->Close()));
  std::vector<std::string> later;
  EXPECT_TRUE(files->GetChildren(request_.path, options, &later, nullptr).ok());
  size_t logs = 0;
  for (const std::string& name : later) logs += NumberOf(name, ".log") ? 1 : 0;
  EXPECT_EQ(logs, 1u);
  std::filesystem::remove_all(request_.path);
  std::filesystem::create_directory(request_.path);
  for (const std::string& name : names) {
    if (!NumberOf(name, ".log") && !NumberOf(name, ".sst")) continue;
    const std::string path = request_.path + "/" + name;
    uint64_t size = 0;
    EXPECT_TRUE(files->FileExists(path, options, nullptr).ok()) << name;
    EXPECT_TRUE(files->GetFileSize(path, options, &size, nullptr).ok()) << name;
    std::string content;
    EXPECT_TRUE(rocksdb::ReadFileToString(files.get(), path, &content).ok() ||
                NumberOf(name, ".sst"))
        << name;
    if (NumberOf(name, ".log")) {
      EXPECT_EQ(content.size(), size);
    }
  }
}

TEST_F(CaptureTest, WritesNothing) {
  const auto files = Files(Take().value);
  const std::string path = request_.path + "/x";
  std::unique_ptr<rocksdb::FSWritableFile> file;
  std::unique_ptr<rocksdb::FSRandomRWFile> both;
  std::unique_ptr<rocksdb::MemoryMappedFileBuffer> mapped;
  rocksdb::FileLock* lock = nullptr;
  const FileOptions options;
  const IOOptions io;
  EXPECT_TRUE(files->NewWritableFile(path, options, &file, nullptr).IsNotSupported());
  EXPECT_TRUE(files->ReopenWritableFile(path, options, &file, nullptr).IsNotSupported());
  EXPECT_TRUE(files->ReuseWritableFile(path, path, options, &file, nullptr).IsNotSupported());
  EXPECT_TRUE(files->NewRandomRWFile(path, options, &both, nullptr).IsNotSupported());
  EXPECT_TRUE(files->NewMemoryMappedFileBuffer(path, &mapped).IsNotSupported());
  EXPECT_TRUE(files->DeleteFile(path, io, nullptr).IsNotSupported());
  EXPECT_TRUE(files->Truncate(path, 0, io, nullptr).IsNotSupported());
  EXPECT_TRUE(files->CreateDir(path, io, nullptr).IsNotSupported());
  EXPECT_TRUE(files->CreateDirIfMissing(path, io, nullptr).IsNotSupported());
  EXPECT_TRUE(files->DeleteDir(path, io, nullptr).IsNotSupported());
  EXPECT_TRUE(files->RenameFile(path, path, io, nullptr).IsNotSupported());
  EXPECT_TRUE(files->LinkFile(path, path, io, nullptr).IsNotSupported());
  EXPECT_TRUE(files->LockFile(path, io, &lock, nullptr).IsNotSupported());
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace rocksdb_live
