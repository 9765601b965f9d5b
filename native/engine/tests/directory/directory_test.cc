#include "engine/directory/directory.h"

#include <fstream>

#include "engine/tests/support.h"

#ifndef _WIN32
#include <sys/stat.h>
#endif

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

void Touch(const std::string& path) { std::ofstream(path) << "x"; }

class DirectoryTest : public ::testing::Test {
 protected:
  bool Same(const std::string& a, const std::string& b) {
    const Result<Directory> one = FindDirectory(a, false);
    const Result<Directory> other = FindDirectory(b, false);
    EXPECT_TRUE(IsOk(one.error));
    EXPECT_TRUE(IsOk(other.error));
    return !(one.value.id < other.value.id) && !(other.value.id < one.value.id);
  }
  Error Check(const std::string& path, bool create = true) {
    OpenRequest request = testing::RequestFor(path);
    request.create_if_missing = create;
    return CheckDirectory(request).error;
  }

  testing::TempDir dir_;
};

TEST_F(DirectoryTest, MakesADirectoryThatOthersCannotRead) {
  const std::string path = dir_ / "parent/db";
  const Result<Directory> made = FindDirectory(path, true);
  ASSERT_TRUE(made.ok()) << made.error.message();
  EXPECT_EQ(made.value.path, path);
#ifndef _WIN32
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
#endif
}

TEST_F(DirectoryTest, MakesNothingWhereItMayNot) {
  EXPECT_EQ(FindDirectory(dir_ / "db", false).error.code(), Code::kInvalidArgument);
  EXPECT_FALSE(fs::exists(dir_ / "db"));
}

TEST_F(DirectoryTest, TellsDirectoriesApartByWhatTheyAre) {
  fs::create_directories(dir_ / "a");
  fs::create_directories(dir_ / "b");
  fs::create_directory_symlink(dir_ / "a", dir_ / "link");
  EXPECT_TRUE(Same(dir_ / "a", dir_ / "link"));
  EXPECT_TRUE(Same(dir_ / "a", dir_ / "a/"));
  EXPECT_TRUE(Same(dir_ / "a", dir_ / "b/../a/."));
  EXPECT_FALSE(Same(dir_ / "a", dir_ / "b"));
}

TEST_F(DirectoryTest, RefusesAFile) {
  Touch(dir_ / "file");
  const Error error = FindDirectory(dir_ / "file", true).error;
  EXPECT_EQ(error.code(), Code::kIo);
  EXPECT_NE(error.message().find("is a file"), std::string::npos) << error.message();
  EXPECT_EQ(FindDirectory(dir_ / "file/db", true).error.code(), Code::kIo);
}

TEST_F(DirectoryTest, RefusesADanglingLink) {
  fs::create_directory_symlink(dir_ / "nowhere", dir_ / "link");
  EXPECT_FALSE(FindDirectory(dir_ / "link", false).ok());
}

TEST_F(DirectoryTest, CreatesOnlyWhereNothingOfADatabaseLies) {
  fs::create_directories(dir_ / "db");
  EXPECT_TRUE(IsOk(Check(dir_ / "db")));
  EXPECT_EQ(Check(dir_ / "db", false).code(), Code::kInvalidArgument);
  Touch(dir_ / "db/notes.txt");
  EXPECT_TRUE(IsOk(Check(dir_ / "db")));
  for (const char* name : {"000012.sst", "MANIFEST-000004", "000007.log", "000008.blob"}) {
    const std::string file = dir_ / ("db/" + std::string(name));
    Touch(file);
    const Error error = Check(dir_ / "db");
    EXPECT_EQ(error.code(), Code::kCorruption) << name;
    EXPECT_NE(error.message().find(name), std::string::npos) << error.message();
    fs::remove(file);
  }
  Touch(dir_ / "db/000012.sst");
  Touch(dir_ / "db/CURRENT");
  EXPECT_TRUE(IsOk(Check(dir_ / "db")));
}

TEST_F(DirectoryTest, RefusesCopiesInsideTheDatabase) {
  fs::create_directories(dir_ / "db/inner");
  fs::create_directory_symlink(dir_ / "db", dir_ / "link");
  const std::string home = dir_ / "db";
  for (const char* inside : {"db", "db/", "db/copy", "db/inner/copy", "link/copy", "link/x/y",
                             "db/../db/copy", "nothing/../db/copy"}) {
    EXPECT_EQ(CheckOutside(home, dir_ / inside).code(), Code::kInvalidArgument) << inside;
  }
  for (const char* outside : {"copy", "db2", "other/db", "db/../copy"}) {
    EXPECT_TRUE(IsOk(CheckOutside(home, dir_ / outside))) << outside;
  }
}

TEST_F(DirectoryTest, KnowsTheLimitOfOpenFiles) {
#ifndef _WIN32
  EXPECT_GT(OpenFileLimit(), 0u);
#endif
}

}  // namespace
}  // namespace rocksdb_live
