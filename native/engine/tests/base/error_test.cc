#include "engine/base/error.h"

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using rocksdb::Status;

TEST(ErrorTest, GivesEveryStatusItsCode) {
  const std::vector<std::pair<Status, const char*>> cases = {
      {Status::OK(), "OK"},
      {Status::Corruption("x"), "ERR_CORRUPTION"},
      {Status::IOError("x"), "ERR_IO"},
      {Status::NoSpace("x"), "ERR_NO_SPACE"},
      {Status::SpaceLimit("x"), "ERR_NO_SPACE"},
      {Status::IOError("While lock file: /db/LOCK: Resource temporarily unavailable"),
       "ERR_LOCKED"},
      {Status::IOError("lock hold by current process, acquire time 1"), "ERR_LOCKED"},
      {Status::Busy("x"), "ERR_BUSY"},
      {Status::Incomplete("x"), "ERR_BUSY"},
      {Status::TimedOut("x"), "ERR_TIMED_OUT"},
      {Status::Expired("x"), "ERR_SNAPSHOT_TOO_OLD"},
      {Status::Aborted("x"), "ERR_ABORTED"},
      {Status::MemoryLimit("x"), "ERR_BUSY"},
      {Status::NotSupported("x"), "ERR_NOT_SUPPORTED"},
      {Status::NotSupported("Not supported operation in read only mode."), "ERR_READ_ONLY"},
      {Status::NotSupported("Not supported operation in secondary mode."), "ERR_READ_ONLY"},
      {Status::InvalidArgument("x"), "ERR_INVALID_ARGUMENT"},
      {Status::NotFound("x"), "ERR_INVALID_ARGUMENT"},
      {Status::TryAgain("x"), "ERR_TRY_AGAIN"},
      {Status::CompactionTooLarge("x"), "ERR_TRY_AGAIN"},
      {Status::ShutdownInProgress("x"), "ERR_SHUTDOWN"},
      {Status::ColumnFamilyDropped("x"), "ERR_DROPPED"},
  };
  for (const auto& [status, code] : cases) {
    EXPECT_STREQ(Error::From(status).code_name(), code) << status.ToString();
  }
}

TEST(ErrorTest, SaysWhatIsKnownOfAWrite) {
  EXPECT_EQ(Error::From(Status::IOError("x")).outcome(), Outcome::kNone);
  EXPECT_EQ(Error::FromWrite(Status::OK()).outcome(), Outcome::kNone);
  for (const Status& status :
       {Status::IOError("x"), Status::NoSpace("x"), Status::Corruption("x")}) {
    EXPECT_EQ(Error::FromWrite(status).outcome(), Outcome::kUnknown) << status.ToString();
  }
  for (const Status& status :
       {Status::Incomplete("x"), Status::InvalidArgument("x"), Status::NotSupported("x")}) {
    EXPECT_EQ(Error::FromWrite(status).outcome(), Outcome::kNotApplied) << status.ToString();
  }
}

TEST(ErrorTest, KeepsEverythingUnderAContext) {
  const Error error =
      Error::FromWrite(Status(Status::NoSpace("full"), Status::kHardError)).WithContext("flush");
  EXPECT_EQ(error.message().rfind("flush: ", 0), 0u) << error.message();
  EXPECT_EQ(error.code(), Code::kNoSpace);
  EXPECT_EQ(error.severity(), 2);
  EXPECT_TRUE(error.retryable());
  EXPECT_EQ(error.outcome(), Outcome::kUnknown);
}

}  // namespace
}  // namespace rocksdb_live
