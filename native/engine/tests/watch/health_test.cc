#include "engine/watch/health.h"

#include <fstream>

#include "engine/base/read_options.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;
using rocksdb::Status;

Status Bad(Status::Severity severity, const std::string& text) {
  return Status(Status::IOError(text), severity);
}

void Tell(HealthListener* listener, Status status) {
  listener->OnBackgroundError(rocksdb::BackgroundErrorReason::kFlush, &status);
}

TEST(HealthListenerTest, KeepsTheWorstUntilItIsOver) {
  HealthListener listener;
  EXPECT_EQ(listener.Get().severity, 0);
  Tell(&listener, Bad(Status::kSoftError, "soft"));
  EXPECT_EQ(listener.Get().severity, 1);
  Tell(&listener, Bad(Status::kFatalError, "fatal"));
  Tell(&listener, Bad(Status::kHardError, "hard"));
  EXPECT_EQ(listener.Get().severity, 3);
  EXPECT_NE(listener.Get().message.find("fatal"), std::string::npos);
  listener.BeginRecovery();
  listener.EndRecovery();
  EXPECT_EQ(listener.Get().severity, 0);
  EXPECT_TRUE(listener.Get().message.empty());
}

TEST(HealthListenerTest, AnErrorWithoutSeverityIsAnError) {
  HealthListener listener;
  Tell(&listener, Status::IOError("plain"));
  EXPECT_EQ(listener.Get().severity, 1);
}

TEST(HealthListenerTest, ForgetsWhatRecoveryHealed) {
  HealthListener listener;
  Tell(&listener, Bad(Status::kHardError, "no space"));
  rocksdb::BackgroundErrorRecoveryInfo info;
  info.old_bg_error = Bad(Status::kHardError, "no space");
  info.new_bg_error = Bad(Status::kHardError, "still none");
  listener.OnErrorRecoveryEnd(info);
  EXPECT_EQ(listener.Get().severity, 2);
  info.new_bg_error = Status::OK();
  listener.BeginRecovery();
  listener.OnErrorRecoveryEnd(info);
  EXPECT_EQ(listener.Get().severity, 0);
  info.old_bg_error.PermitUncheckedError();
  info.new_bg_error.PermitUncheckedError();
}

TEST(HealthListenerTest, KeepsWhatCameWhileItWasHealed) {
  HealthListener listener;
  Tell(&listener, Bad(Status::kHardError, "first"));
  listener.BeginRecovery();
  Tell(&listener, Bad(Status::kHardError, "second"));
  listener.EndRecovery();
  EXPECT_NE(listener.Get().message.find("second"), std::string::npos);
}

TEST(HealthListenerTest, AFileThatFailedBeforeIsNoOtherError) {
  HealthListener listener;
  Status full(Status::NoSpace("full"), Status::kHardError);
  listener.OnBackgroundError(rocksdb::BackgroundErrorReason::kWriteCallback, &full);
  Status after = Bad(Status::kFatalError, "Writer has previous error.");
  listener.OnBackgroundError(rocksdb::BackgroundErrorReason::kWriteCallback, &after);
  EXPECT_EQ(after.severity(), Status::kHardError);
  EXPECT_TRUE(listener.Get().no_space);
}

TEST(HealthListenerTest, RefusesFlushesOnlyWhileWritesAreStopped) {
  HealthListener listener;
  EXPECT_TRUE(IsOk(listener.Refusal()));
  Tell(&listener, Bad(Status::kSoftError, "soft"));
  EXPECT_TRUE(IsOk(listener.Refusal()));
  Tell(&listener, Status(Status::NoSpace("full"), Status::kHardError));
  EXPECT_EQ(listener.Refusal().code(), Code::kNoSpace);
  EXPECT_TRUE(listener.Refusal().retryable());
}

class RecoveryTest : public ::testing::Test {
 protected:
  static constexpr int kRows = 200;

  void SetUp() override {
    request_ = testing::RequestFor(dir_ / "db");
    fs::create_directories(request_.path);
  }
  // A database that was never closed cleanly: its directory, copied while open.
  void Write() {
    const auto store = testing::OpenStore(request_);
    for (int i = 0; i < kRows; ++i) {
      EXPECT_TRUE(
          IsOk(testing::Put(store.get(), 0, testing::Key(i), std::string(100, 'v'), kSync)));
    }
    fs::copy(request_.path, dir_ / "copy", fs::copy_options::recursive);
    EXPECT_TRUE(IsOk(store->Close()));
    request_.path = dir_ / "copy";
  }
  fs::path Wal() const {
    fs::path largest;
    for (const auto& file : fs::directory_iterator(request_.path)) {
      if (file.path().extension() != ".log") continue;
      if (largest.empty() || file.file_size() > fs::file_size(largest)) largest = file.path();
    }
    return largest;
  }
  void Flip(size_t offset) const {
    std::fstream wal(Wal(), std::ios::in | std::ios::out | std::ios::binary);
    wal.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(wal.get() ^ 0xFF);
    wal.seekp(static_cast<std::streamoff>(offset));
    wal.put(byte);
  }
  int CountRows(Store* store) const {
    int rows = 0;
    for (int i = 0; i < kRows; ++i) rows += testing::Get(store, 0, testing::Key(i)) != "(none)";
    return rows;
  }

  testing::TempDir dir_;
  OpenRequest request_;
};

TEST_F(RecoveryTest, DropsNothingFromAWholeWal) {
  Write();
  const auto store = testing::OpenStore(request_);
  EXPECT_EQ(store->recovery().dropped_bytes, 0u);
  EXPECT_TRUE(store->recovery().reasons.empty());
  EXPECT_EQ(CountRows(store.get()), kRows);
}

TEST_F(RecoveryTest, SaysWhatAFlippedByteCost) {
  Write();
  Flip(fs::file_size(Wal()) / 2);
  const auto store = testing::OpenStore(request_);
  ASSERT_NE(store, nullptr);
  EXPECT_LT(CountRows(store.get()), kRows);
  EXPECT_GT(store->recovery().dropped_bytes, 0u);
  ASSERT_FALSE(store->recovery().reasons.empty());
  EXPECT_NE(store->recovery().reasons[0].find("checksum"), std::string::npos)
      << store->recovery().reasons[0];
}

TEST_F(RecoveryTest, RefusesAFlippedByteWhereItIsStrict) {
  Write();
  Flip(fs::file_size(Wal()) / 2);
  request_.strict_recovery = true;
  const Result<std::shared_ptr<Store>> opened = Store::Open(request_);
  EXPECT_EQ(opened.error.code(), Code::kCorruption) << opened.error.message();
}

TEST_F(RecoveryTest, RefusesACutTailWhereItIsStrict) {
  Write();
  fs::resize_file(Wal(), fs::file_size(Wal()) - 20);
  request_.strict_recovery = true;
  EXPECT_EQ(Store::Open(request_).error.code(), Code::kCorruption);
}

TEST_F(RecoveryTest, OpensAStrictDatabaseThatIsWhole) {
  Write();
  request_.strict_recovery = true;
  EXPECT_EQ(CountRows(testing::OpenStore(request_).get()), kRows);
}

TEST_F(RecoveryTest, PassesTheInfoLogOnToItsFile) {
  Write();
  EXPECT_TRUE(IsOk(testing::OpenStore(request_)->Close()));
  std::ifstream file(dir_ / "copy/LOG");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find("Shutdown complete"), std::string::npos);
}

TEST(RecoveryLoggerTest, WorksWithoutAFile) {
  RecoveryLogger logger(nullptr);
  rocksdb::Warn(&logger, "%s%s: dropping %d bytes; %s", "", "000012.log", 42, "Corruption: why");
  rocksdb::Info(&logger, "nothing to keep");
  const Recovery recovery = logger.Finish();
  EXPECT_EQ(recovery.dropped_bytes, 42u);
  ASSERT_EQ(recovery.reasons.size(), 1u);
  rocksdb::Warn(&logger, "%s%s: dropping %d bytes; %s", "", "000013.log", 7, "later");
  EXPECT_TRUE(logger.Finish().reasons.empty());
}

}  // namespace
}  // namespace rocksdb_live
