#include "engine/files/directory_lock.h"

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

#ifndef _WIN32
TEST(DirectoryLockTest, IsHeldOncePerDirectoryEvenInOneProcess) {
  testing::TempDir dir;
  const std::string path = dir / ".";
  DirectoryLock first;
  DirectoryLock second;
  EXPECT_TRUE(first.Take(path).ok());
  EXPECT_EQ(second.Take(path).code(), Code::kLocked);
  first.Release();
  EXPECT_TRUE(second.Take(path).ok());
  second.Release();
  second.Release();
  EXPECT_TRUE(first.Take(path).ok());
}

TEST(DirectoryLockTest, LeavesAMissingDirectoryToRocksDB) {
  testing::TempDir dir;
  DirectoryLock lock;
  EXPECT_TRUE(lock.Take(dir / "missing").ok());
}
#endif

}  // namespace
}  // namespace rocksdb_live
