// Files that a writer is in the middle of when a reader comes by: it has opened them by the time
// that they are complete and MANIFEST has them.
#include <filesystem>
#include <fstream>
#include <functional>

#include "engine/files/nowait_files.h"
#include "engine/readers/reader.h"
#include "engine/tests/readers/hooked_files.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::HookedFiles;

const std::string& Value() {
  static const std::string value(20000, 'v');
  return value;
}

bool EndsWith(const std::string& name, const std::string& ending) {
  return name.size() >= ending.size() &&
         name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
}

std::string ContentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// Whether the reader maps tables and blobs: a mapping shows what there was when it was made.
class UnfinishedTest : public ::testing::TestWithParam<bool> {
 protected:
  // Writes one row, whose value is in a blob file, and what a flush of it adds and takes away.
  void SetUp() override {
    std::filesystem::create_directory(request_.path);
    request_.defaults.column_family["enable_blob_files"] = "true";
    const std::shared_ptr<Store> writer = testing::OpenStore(request_);
    EXPECT_TRUE(IsOk(testing::Put(writer.get(), 0, "key", Value())));
    before_ = Contents();
    EXPECT_TRUE(writer->db()->Flush(rocksdb::FlushOptions()).ok());
    after_ = Contents();
    EXPECT_TRUE(IsOk(writer->Close()));
    for (const auto& [name, content] : after_) {
      if (before_.count(name) == 0) added_.push_back(name);
    }
  }

  std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::directory_iterator(request_.path)) {
      const std::string name = entry.path().filename().u8string();
      if (name != "LOCK" && name != "LOG") contents[name] = ContentOf(entry.path());
    }
    return contents;
  }

  // The directory as it was in the middle of the flush: of the new files there is half.
  void Rewind() const {
    std::filesystem::remove_all(request_.path);
    std::filesystem::create_directory(request_.path);
    for (const auto& [name, content] : before_) Append(name, content);
    for (const std::string& name : added_) {
      const std::string& content = after_.at(name);
      Append(name, content.substr(0, EndsWith(name, ".log") ? content.size() : part_));
    }
  }

  // What is left of the flush: the files first, MANIFEST last.
  void Finish() const {
    for (const std::string& name : added_) {
      if (!EndsWith(name, ".log")) Append(name, after_.at(name).substr(part_));
    }
    for (const auto& [name, content] : before_) {
      if (name.rfind("MANIFEST-", 0) != 0) continue;
      ASSERT_GT(after_.at(name).size(), content.size());
      Append(name, after_.at(name).substr(content.size()));
    }
  }

  void Append(const std::string& name, const std::string& content) const {
    std::ofstream(std::filesystem::u8path(request_.path + "/" + name),
                  std::ios::binary | std::ios::app)
        << content;
  }

  Result<Reader::View> Open() const {
    rocksdb::DBOptions options;
    options.allow_mmap_reads = GetParam();
    const auto describe = [](const rocksdb::DBOptions&, Reader::Descriptors* families) {
      families->emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::Options());
      return Error();
    };
    Reader reader(request_.path, options, std::vector<std::string>{request_.path}, describe,
                  NowaitFiles(std::make_shared<HookedFiles>(hook_)));
    return reader.Open(nullptr);
  }

  testing::TempDir dir_;
  OpenRequest request_ = testing::RequestFor(dir_ / "db");
  std::map<std::string, std::string> before_;
  std::map<std::string, std::string> after_;
  std::vector<std::string> added_;
  // How much of a new file there is when the reader comes by.
  size_t part_ = 0;
  const std::shared_ptr<std::function<void()>> hook_ =
      std::make_shared<std::function<void()>>([] {});
};

TEST_P(UnfinishedTest, AreReadWholeOnceTheyAreOfTheDatabase) {
  ASSERT_GE(added_.size(), 2u);  // a table and a blob file
  for (const size_t part : {size_t{0}, size_t{10}, size_t{600}}) {
    part_ = part;
    int calls = 1;
    for (int at = 1; at <= calls; ++at) {
      Rewind();
      calls = 0;
      *hook_ = [&] {
        if (++calls == at) Finish();
      };
      const Result<Reader::View> opened = Open();
      *hook_ = [] {};
      const std::string where =
          std::to_string(part) + " bytes, finished at call " + std::to_string(at);
      ASSERT_TRUE(IsOk(opened.error)) << where;
      std::string value;
      const rocksdb::Status status = opened.value->db()->Get(
          rocksdb::ReadOptions(), opened.value->Find(0)->handle(), "key", &value);
      EXPECT_TRUE(status.ok()) << status.ToString() << ": " << where;
      EXPECT_EQ(value.size(), Value().size()) << where;
    }
    EXPECT_GT(calls, 10);
  }
}

INSTANTIATE_TEST_SUITE_P(Mapped, UnfinishedTest, ::testing::Bool());

}  // namespace
}  // namespace rocksdb_live
