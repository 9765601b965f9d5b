#include "engine/base/error.h"

#include "engine/base/merge_failure.h"

namespace rocksdb_live {
namespace {

using rocksdb::Status;

// RocksDB reports a lock held elsewhere as a plain IOError, so only its text tells: env/fs_posix.cc
// says "lock hold by current process" for our own and "While lock file" for another process's;
// port/win/env_win.cc says "Failed to create lock file".
bool IsLockFailure(const std::string& text) {
  return text.find("lock hold by current process") != std::string::npos ||
         text.find("While lock file") != std::string::npos ||
         text.find("Failed to create lock file") != std::string::npos;
}

Code CodeOfIoError(const Status& status) {
  if (status.subcode() == Status::kNoSpace || status.subcode() == Status::kSpaceLimit) {
    return Code::kNoSpace;
  }
  return IsLockFailure(status.ToString()) ? Code::kLocked : Code::kIo;
}

Code CodeOfAborted(const Status& status) {
  return status.subcode() == Status::kMemoryLimit ? Code::kBusy : Code::kAborted;
}

// A compaction that was canceled because its database closes is reported as incomplete.
Code CodeOfIncomplete(const Status& status) {
  return status.subcode() == Status::kManualCompactionPaused ? Code::kAborted : Code::kBusy;
}

Code CodeOfNotSupported(const Status& status) {
  // db/db_impl/db_impl_readonly.h and db_impl_secondary.h
  const std::string text = status.ToString();
  const bool read_only = text.find("Not supported operation in read only mode") != text.npos ||
                         text.find("Not supported operation in secondary mode") != text.npos;
  return read_only ? Code::kReadOnly : Code::kNotSupported;
}

Code CodeOf(const Status& status) {
  switch (status.code()) {
    case Status::kOk:
      return Code::kOk;
    case Status::kCorruption:
      return Code::kCorruption;
    case Status::kIOError:
      return CodeOfIoError(status);
    case Status::kNotSupported:
      return CodeOfNotSupported(status);
    case Status::kNotFound:
    case Status::kInvalidArgument:
      return Code::kInvalidArgument;
    case Status::kIncomplete:
      return CodeOfIncomplete(status);
    case Status::kMergeInProgress:
    case Status::kBusy:
      return Code::kBusy;
    case Status::kShutdownInProgress:
      return Code::kShutdown;
    case Status::kTimedOut:
      return Code::kTimedOut;
    case Status::kExpired:  // of ours alone (reads/expired.h)
      return Code::kSnapshotTooOld;
    case Status::kAborted:
      return CodeOfAborted(status);
    case Status::kTryAgain:
    case Status::kCompactionTooLarge:
      return Code::kTryAgain;
    case Status::kColumnFamilyDropped:
      return Code::kDropped;
    case Status::kMaxCode:
      break;
  }
  return Code::kIo;
}

// A write that failed before the WAL was not applied; one that failed in the WAL or later may
// reappear at the next recovery.
Outcome OutcomeOf(Code code) {
  switch (code) {
    case Code::kIo:
    case Code::kNoSpace:
    case Code::kCorruption:
      return Outcome::kUnknown;
    default:
      return Outcome::kNotApplied;
  }
}

// What a failed merge of a read means to whoever reads.
Error Unmerged(const FailedMerge& last) {
  switch (last.why) {
    case MergeFailure::kNoOperator:
      return Error(Code::kNotSupported,
                   "the value of key " + last.key +
                       " is made of merge operands, and its column family is open without the "
                       "merge operator that they need: name it (columnFamilies: { name: { "
                       "mergeOperator } })");
    case MergeFailure::kOutOfRange:
      return Error(Code::kOutOfRange,
                   "the counter with key " + last.key +
                       " has a sum that is not within -2^63 to 2^63 - 1. Its increments are "
                       "kept: increment it by what brings it back, or put a value over it");
    case MergeFailure::kUnreadable:
      break;
  }
  return Error(Code::kCorruption,
               "Corruption: Merge operator failed: key " + last.key +
                   " has a value or an operand that the merge operator of its column family "
                   "cannot read; put a right value over it, or delete it");
}

}  // namespace

Error Error::From(const Status& status) {
  if (status.IsCorruption() && status.subcode() == Status::kMergeOperatorFailed) {
    return Unmerged(LastFailedMerge());
  }
  Error error;
  error.code_ = CodeOf(status);
  if (error.ok()) return error;
  error.message_ = status.ToString();
  if (error.code_ == Code::kSnapshotTooOld) error.message_ = status.getState();
  if (error.code_ == Code::kLocked) {
    error.message_ =
        "another process has it open: close it there, or open it here with mode 'read-only' or "
        "{ secondary: directory } (" +
        error.message_ + ")";
  }
  error.severity_ = static_cast<int>(status.severity());
  return error;
}

Error Error::FromWrite(const Status& status) {
  Error error = From(status);
  if (!error.ok()) error.outcome_ = OutcomeOf(error.code_);
  return error;
}

bool Error::retryable() const {
  return code_ == Code::kNoSpace || code_ == Code::kLocked || code_ == Code::kBusy ||
         code_ == Code::kTimedOut || code_ == Code::kTryAgain || code_ == Code::kConflict ||
         code_ == Code::kDeadlock || code_ == Code::kLockTimeout ||
         code_ == Code::kTransactionTooOld;
}

Error Error::WithContext(const std::string& context) const {
  Error error = *this;
  error.message_ = context + ": " + message_;
  return error;
}

const char* Error::code_name() const {
  switch (code_) {
    case Code::kOk:
      return "OK";
    case Code::kCorruption:
      return "ERR_CORRUPTION";
    case Code::kIo:
      return "ERR_IO";
    case Code::kNoSpace:
      return "ERR_NO_SPACE";
    case Code::kLocked:
      return "ERR_LOCKED";
    case Code::kBusy:
      return "ERR_BUSY";
    case Code::kTimedOut:
      return "ERR_TIMED_OUT";
    case Code::kAborted:
      return "ERR_ABORTED";
    case Code::kReadOnly:
      return "ERR_READ_ONLY";
    case Code::kNotSupported:
      return "ERR_NOT_SUPPORTED";
    case Code::kInvalidArgument:
      return "ERR_INVALID_ARGUMENT";
    case Code::kTryAgain:
      return "ERR_TRY_AGAIN";
    case Code::kShutdown:
      return "ERR_SHUTDOWN";
    case Code::kOptionsMismatch:
      return "ERR_OPTIONS_MISMATCH";
    case Code::kClosed:
      return "ERR_CLOSED";
    case Code::kDropped:
      return "ERR_DROPPED";
    case Code::kOutOfRange:
      return "ERR_OUT_OF_RANGE";
    case Code::kConflict:
      return "ERR_CONFLICT";
    case Code::kDeadlock:
      return "ERR_DEADLOCK";
    case Code::kLockTimeout:
      return "ERR_LOCK_TIMEOUT";
    case Code::kTransactionTooOld:
      return "ERR_TRANSACTION_TOO_OLD";
    case Code::kTransactionDone:
      return "ERR_TRANSACTION_DONE";
    case Code::kChangesGap:
      return "ERR_CHANGES_GAP";
    case Code::kChangesEpoch:
      return "ERR_CHANGES_EPOCH";
    case Code::kNotWriter:
      return "ERR_NOT_WRITER";
    case Code::kReplicaMismatch:
      return "ERR_REPLICA_MISMATCH";
    case Code::kSnapshotTooOld:
      return "ERR_SNAPSHOT_TOO_OLD";
  }
  return "ERR_IO";
}

}  // namespace rocksdb_live
