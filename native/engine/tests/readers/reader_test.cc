// A writer that does something each time a reader calls the file system.
#include "engine/readers/reader.h"

#include <filesystem>
#include <functional>

#include "engine/files/nowait_files.h"
#include "engine/jobs/maintenance.h"
#include "engine/tests/readers/hooked_files.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::HookedFiles;

class ReaderTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(request_.path);
    request_.defaults.column_family["disable_auto_compactions"] = "true";
    if (*GetParam() != '\0') request_.db["recycle_log_file_num"] = GetParam();
    Open();
    const Result<uint32_t> created = writer_->CreateFamily("b", nullptr);
    ASSERT_TRUE(created.ok());
    b_ = created.value;
    for (int i = 0; i < 3; ++i) Write();
  }
  void Open() { writer_ = testing::OpenStore(request_); }

  // One batch over both families.
  void Write() {
    const std::string number = std::to_string(++written_);
    std::string batch = testing::BatchBuilder().Put(0, "n", number).Put(b_, "n", number).Build();
    EXPECT_TRUE(IsOk(writer_->Write(&batch, 0)));
  }
  void FlushOne(uint32_t family) {
    EXPECT_TRUE(IsOk(Flush(writer_.get(), {writer_->FindFamily(family)})));
  }

  void CompactAll() {
    for (const uint32_t family : {0u, b_}) {
      FlushOne(family);
      EXPECT_TRUE(
          IsOk(CompactRange(writer_.get(), *writer_->FindFamily(family), Range(), true, nullptr)));
    }
  }

  std::unique_ptr<Reader> NewReader() {
    const auto describe = [this](const rocksdb::DBOptions& options, Reader::Descriptors* families) {
      std::vector<std::string> names;
      Error error = Error::From(rocksdb::DB::ListColumnFamilies(options, request_.path, &names));
      for (const std::string& name : names) families->emplace_back(name, rocksdb::Options());
      return error;
    };
    return std::make_unique<Reader>(request_.path, rocksdb::DBOptions(),
                                    std::vector<std::string>{request_.path}, describe,
                                    NowaitFiles(std::make_shared<HookedFiles>(hook_)));
  }

  static std::string Get(const ReaderView& view, uint32_t family) {
    std::string value;
    const auto found = view.Find(family);
    const rocksdb::Status status =
        found->db()->Get(rocksdb::ReadOptions(), found->handle(), "n", &value);
    return status.ok() ? value : status.ToString();
  }

  // Opens (or follows `current`) with `event` before call number `at` and, if `often` is set,
  // before some of the later calls, too. Returns the number of calls.
  int OpenWith(const Reader::View& current, int at, bool often,
               const std::function<void()>& event) {
    constexpr int kMostEvents = 4;
    const auto reader = NewReader();
    const int before = written_;
    int calls = 0;
    int events = 0;
    bool inside = false;
    *hook_ = [&] {
      if (inside) return;
      ++calls;
      if (calls < at || events >= (often ? kMostEvents : 1)) return;
      ++events;
      inside = true;
      event();
      inside = false;
    };
    const Result<Reader::View> opened = reader->Open(current);
    *hook_ = [] {};
    EXPECT_TRUE(IsOk(opened.error)) << "at call " << at;
    if (!opened.ok()) return calls;
    const std::string a = Get(*opened.value, 0);
    EXPECT_EQ(a, Get(*opened.value, b_)) << "at call " << at;
    EXPECT_GE(std::stoi("0" + a), before) << "at call " << at;
    return calls;
  }

  void AtEachCall(bool often, const std::function<void()>& event) {
    int calls = 1;
    for (int at = 1; at <= calls; ++at) {
      CompactAll();  // each opening makes as many calls as the one before it
      calls = OpenWith(nullptr, at, often, event);
    }
    EXPECT_GT(calls, 10);
  }

  testing::TempDir dir_;
  OpenRequest request_ = testing::RequestFor(dir_ / "db");
  const std::shared_ptr<std::function<void()>> hook_ =
      std::make_shared<std::function<void()>>([] {});
  std::shared_ptr<Store> writer_;
  uint32_t b_ = 0;
  int written_ = 0;
};

TEST_P(ReaderTest, SeesOneStateWhereOneFamilyIsFlushed) {
  AtEachCall(false, [&] {
    Write();
    FlushOne(0);
    Write();
  });
}

TEST_P(ReaderTest, SeesOneStateWhereAllAreFlushed) {
  AtEachCall(true, [&] {
    Write();
    FlushOne(0);
    FlushOne(b_);
    Write();
  });
}

TEST_P(ReaderTest, SeesOneStateWhereTablesAreReplaced) {
  AtEachCall(false, [&] {
    Write();
    CompactAll();
  });
}

TEST_P(ReaderTest, SeesOneStateWhereTheWriterIsOpenedAgain) {
  AtEachCall(false, [&] {
    Write();
    EXPECT_TRUE(IsOk(writer_->Close()));
    Open();
    Write();
  });
}

TEST_P(ReaderTest, FollowsWhileTheWriterGoesOn) {
  const auto reader = NewReader();
  Reader::View view = reader->Open(nullptr).value;
  for (int i = 0; i < 30; ++i) {
    const Result<Reader::View> same = reader->Open(view);
    EXPECT_EQ(same.value, view);
    Write();
    if (i % 3 == 1) FlushOne(i % 2 == 0 ? 0 : b_);
    const Result<Reader::View> next = reader->Open(view);
    ASSERT_TRUE(next.ok()) << next.error.message();
    EXPECT_EQ(Get(*view, 0), std::to_string(written_ - 1));
    EXPECT_EQ(Get(*next.value, 0), std::to_string(written_));
    EXPECT_EQ(Get(*next.value, b_), std::to_string(written_));
    view = next.value;
  }
}

INSTANTIATE_TEST_SUITE_P(Wals, ReaderTest, ::testing::Values("", "2"));

}  // namespace
}  // namespace rocksdb_live
