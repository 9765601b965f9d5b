// Errors in the terms of the public API: a code, whether a retry can help, and for writes whether
// any part may have been applied.
#pragma once

#include <string>
#include <utility>

#include "rocksdb/status.h"

namespace rocksdb_live {

enum class Code {
  kOk,
  kCorruption,
  kIo,
  kNoSpace,
  kLocked,
  kBusy,
  kTimedOut,
  kAborted,
  kReadOnly,
  kNotSupported,
  kInvalidArgument,
  kTryAgain,
  kShutdown,
  kOptionsMismatch,
  kClosed,
  kDropped,
  kOutOfRange,
  kConflict,
  kDeadlock,
  kLockTimeout,
  kTransactionTooOld,
  kTransactionDone,
  kChangesGap,
  kChangesEpoch,
  kNotWriter,
  kReplicaMismatch,
  kSnapshotTooOld,
};

enum class Outcome { kNone = 0, kNotApplied = 1, kUnknown = 2 };

class [[nodiscard]] Error {
 public:
  Error() = default;
  Error(Code code, std::string message, Outcome outcome = Outcome::kNone)
      : code_(code), outcome_(outcome), message_(std::move(message)) {}

  // A failed open, read or maintenance call.
  static Error From(const rocksdb::Status& status);
  // A failed write, with what is known of its effect.
  static Error FromWrite(const rocksdb::Status& status);

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const char* code_name() const;
  const std::string& message() const { return message_; }
  int severity() const { return severity_; }
  // Whether the same call may succeed later without repair.
  bool retryable() const;
  Outcome outcome() const { return outcome_; }

  // The same error with `context` in front of its message.
  Error WithContext(const std::string& context) const;

 private:
  Code code_ = Code::kOk;
  Outcome outcome_ = Outcome::kNone;
  int severity_ = 0;
  std::string message_;
};

}  // namespace rocksdb_live
