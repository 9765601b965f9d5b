#include "engine/files/nowait_files.h"

#include <memory>
#include <string>
#include <thread>

#include "engine/base/read_options.h"
#include "engine/tests/support.h"

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>

#include "engine/files/nowait_linux.h"
#endif

namespace rocksdb_live {
namespace {

using rocksdb::FileOptions;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr size_t kSize = size_t{1} << 20;

IOOptions Nowait() {
  IOOptions options;
  options.timeout = kNoWaitTimeout;
  return options;
}

class NowaitFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (size_t i = 0; i < kSize; ++i) bytes_.push_back(static_cast<char>(i * 2654435761u >> 16));
    EXPECT_TRUE(rocksdb::WriteStringToFile(base_.get(), bytes_, path_, true).ok());
  }
  std::unique_ptr<rocksdb::FSRandomAccessFile> Open(const FileOptions& options = FileOptions()) {
    std::unique_ptr<rocksdb::FSRandomAccessFile> file;
    const IOStatus status = files_->NewRandomAccessFile(path_, options, &file, nullptr);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return file;
  }
  IOStatus Read(const rocksdb::FSRandomAccessFile& file, uint64_t offset, size_t size,
                const IOOptions& options) {
    std::string scratch(size, '\0');
    Slice result;
    const IOStatus status = file.Read(offset, size, options, &result, &scratch[0], nullptr);
    read_ = result.ToString();
    return status;
  }

  testing::TempDir dir_;
  const std::shared_ptr<rocksdb::FileSystem> base_ = rocksdb::FileSystem::Default();
  const std::shared_ptr<rocksdb::FileSystem> files_ = NowaitFiles(base_);
  const std::string path_ = dir_ / "file";
  std::string bytes_;
  std::string read_;
};

TEST_F(NowaitFilesTest, ReadsAsRocksDbsOwnFilesDo) {
  const auto file = Open();
  for (const size_t offset : {size_t{0}, size_t{4095}, kSize - 10, kSize, kSize + 5}) {
    EXPECT_TRUE(Read(*file, offset, 5000, IOOptions()).ok());
    EXPECT_EQ(read_, offset < kSize ? bytes_.substr(offset, 5000) : "") << offset;
  }
  EXPECT_TRUE(file->Prefetch(0, kSize, IOOptions(), nullptr).ok());
  file->Hint(rocksdb::FSRandomAccessFile::kRandom);
  EXPECT_FALSE(file->use_direct_io());
}

TEST_F(NowaitFilesTest, SaysWhichFileCannotBeOpened) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  const IOStatus missing =
      files_->NewRandomAccessFile(dir_ / "missing", FileOptions(), &file, nullptr);
  EXPECT_TRUE(missing.IsPathNotFound()) << missing.ToString();
  EXPECT_NE(missing.ToString().find("missing"), std::string::npos);
}

TEST_F(NowaitFilesTest, OpensNoFileWithoutWaiting) {
  FileOptions options;
  options.io_options = Nowait();
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  EXPECT_TRUE(files_->NewRandomAccessFile(path_, options, &file, nullptr).IsTimedOut());
  EXPECT_EQ(file, nullptr);
}

TEST_F(NowaitFilesTest, ReadsNothingDirectlyOrFromMapsWithoutWaiting) {
  FileOptions mapped;
  mapped.use_mmap_reads = true;
  const auto file = Open(mapped);
  EXPECT_TRUE(Read(*file, 0, 100, Nowait()).IsTimedOut());
  EXPECT_TRUE(Read(*file, 0, 100, IOOptions()).ok());
  rocksdb::FSReadRequest request;
  request.len = 100;
  EXPECT_TRUE(file->MultiRead(&request, 1, Nowait(), nullptr).IsTimedOut());
  EXPECT_TRUE(file->Prefetch(0, 100, Nowait(), nullptr).IsTimedOut());
}

TEST_F(NowaitFilesTest, BindsWhatAThreadReadsInAScope) {
  FileOptions mapped;
  mapped.use_mmap_reads = true;
  const auto file = Open(mapped);
  {
    const NowaitScope outer;
    {
      const NowaitScope scope;
      EXPECT_FALSE(scope.refused());
      EXPECT_TRUE(Read(*file, 0, 100, IOOptions()).IsTimedOut());
      EXPECT_TRUE(scope.refused());
    }
    EXPECT_FALSE(outer.refused());
    std::thread other([&] { EXPECT_TRUE(Read(*file, 0, 100, IOOptions()).ok()); });
    other.join();
    std::unique_ptr<rocksdb::FSRandomAccessFile> opened;
    EXPECT_TRUE(files_->NewRandomAccessFile(path_, FileOptions(), &opened, nullptr).IsTimedOut());
    EXPECT_TRUE(outer.refused());
  }
  EXPECT_TRUE(Read(*file, 0, 100, IOOptions()).ok());
}

#ifdef __linux__

TEST_F(NowaitFilesTest, BindsLinuxsOwnReadsInAScope) {
  const auto directory = OpenNowaitFile(dir_.path());
  ASSERT_NE(directory, nullptr);
  EXPECT_TRUE(Read(*directory, 0, 100, IOOptions()).IsIOError());
  const NowaitScope scope;
  EXPECT_TRUE(Read(*directory, 0, 100, IOOptions()).IsTimedOut());
  EXPECT_TRUE(scope.refused());
}

TEST_F(NowaitFilesTest, WaitsForNothingThatThePageCacheLacks) {
  const auto file = Open();
  ASSERT_TRUE(Read(*file, 0, kSize, IOOptions()).ok());
  if (Read(*file, 0, 4096, Nowait()).IsTimedOut()) {
    GTEST_SKIP() << "the file system of " << dir_.path() << " cannot tell what would wait: set "
                 << "TMPDIR to a directory on ext4, XFS or btrfs";
  }
  EXPECT_EQ(read_, bytes_.substr(0, 4096));
  EXPECT_TRUE(Read(*file, kSize - 10, 100, Nowait()).ok());  // the end of the file
  EXPECT_EQ(read_, bytes_.substr(kSize - 10));
  EXPECT_TRUE(file->Prefetch(0, 4096, Nowait(), nullptr).IsTimedOut());

  ASSERT_TRUE(file->InvalidateCache(0, 0).ok());
  const IOStatus gone = Read(*file, kSize / 2, 4096, Nowait());
  if (gone.ok()) GTEST_SKIP() << dir_.path() << " is in memory, and nothing in it ever waits";
  EXPECT_TRUE(gone.IsTimedOut()) << gone.ToString();
  EXPECT_EQ(read_, "");
  EXPECT_TRUE(Read(*file, kSize / 2, 4096, IOOptions()).ok());
  EXPECT_EQ(read_, bytes_.substr(kSize / 2, 4096));
  EXPECT_TRUE(Read(*file, kSize / 2, 4096, Nowait()).ok());
}

TEST_F(NowaitFilesTest, NamesTheFileThatCannotBeRead) {
  const auto directory = OpenNowaitFile(dir_.path());
  ASSERT_NE(directory, nullptr);
  const IOStatus status = Read(*directory, 0, 100, IOOptions());
  EXPECT_TRUE(status.IsIOError());
  EXPECT_NE(status.ToString().find(dir_.path()), std::string::npos) << status.ToString();
  EXPECT_TRUE(Read(*directory, 0, 100, Nowait()).IsTimedOut());
}

#endif

}  // namespace
}  // namespace rocksdb_live
