#include "engine/watch/health.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

namespace rocksdb_live {
namespace {

bool IsNoSpace(const rocksdb::Status& error) {
  return error.IsNoSpace() || error.subcode() == rocksdb::Status::kSpaceLimit;
}

// A file that failed once refuses all later writes (file/writable_file_writer.cc,
// db/log_writer.cc). Its first failure is reported by itself, so this is not a new error.
bool IsAfterAnother(const rocksdb::Status& error) {
  const std::string text = error.ToString();
  return text.find("Writer has previous error") != text.npos ||
         text.find("Seen error. Skip writing buffer") != text.npos;
}

}  // namespace

void HealthListener::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++errors_;
    // RocksDB calls this error fatal, and would never recover from a full disk.
    if (error->severity() > rocksdb::Status::kHardError && IsAfterAnother(*error)) {
      *error = rocksdb::Status(*error, rocksdb::Status::kHardError);
      if (health_.severity >= rocksdb::Status::kHardError) return;
    }
    Note(*error);
  }
  if (woken_) woken_();
}

void HealthListener::Note(const rocksdb::Status& error) {
  const int severity = static_cast<int>(error.severity());
  // A milder error does not hide a worse one that is still in force.
  if (severity < health_.severity) return;
  health_.severity = severity == 0 ? static_cast<int>(rocksdb::Status::kSoftError) : severity;
  health_.no_space = IsNoSpace(error);
  health_.code = Error::From(error).code();
  health_.message = error.ToString();
}

void HealthListener::Meet(const rocksdb::Status& error) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (error.severity() >= rocksdb::Status::kHardError && health_.severity == 0) Note(error);
  }
  if (woken_) woken_();
}

void HealthListener::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status error,
                                          bool* auto_recovery) {
  if (IsNoSpace(error)) {
    *auto_recovery = false;
  } else {
    BeginRecovery();
  }
  error.PermitUncheckedError();
}

void HealthListener::OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) {
  info.old_bg_error.PermitUncheckedError();
  if (info.new_bg_error.ok()) EndRecovery();
}

Health HealthListener::Get() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return health_;
}

Error HealthListener::Refusal() const {
  const Health health = Get();
  if (health.severity < rocksdb::Status::kHardError) return Error();
  std::string advice = "only a reopen ends that";
  if (health.severity == rocksdb::Status::kHardError) advice = "resume() may end that";
  if (health.no_space) advice = "they go on by themselves once there is room";
  return Error(health.code, "writes are stopped, and flushes with them (" + advice +
                                "), after: " + health.message);
}

void HealthListener::BeginRecovery() {
  std::lock_guard<std::mutex> lock(mutex_);
  before_ = errors_;
}

void HealthListener::EndRecovery() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (errors_ == before_) health_ = Health();
}

void HealthListener::Clear(uint64_t errors) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (errors_ == errors) health_ = Health();
}

uint64_t HealthListener::errors() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return errors_;
}

RecoveryLogger::RecoveryLogger(std::shared_ptr<rocksdb::Logger> target)
    : target_(std::move(target)) {}

RecoveryLogger::~RecoveryLogger() {
  if (!closed_) {
    closed_ = true;
    CloseImpl().PermitUncheckedError();
  }
}

rocksdb::Status RecoveryLogger::CloseImpl() {
  return target_ ? target_->Close() : rocksdb::Status::OK();
}

// The formats of db/db_impl/db_impl_open.cc: "%s%s: dropping %d bytes; %s" for a part of a WAL,
// "%s: dropping %d bytes" for a whole one.
void RecoveryLogger::Listen(const char* format, va_list args) {
  if (!listening_ || std::strstr(format, ": dropping %d bytes") == nullptr) return;
  va_list copy;
  va_copy(copy, args);
  char line[1024];
  std::vsnprintf(line, sizeof line, format, copy);
  va_end(copy);
  std::lock_guard<std::mutex> lock(mutex_);
  unsigned long long bytes = 0;  // NOLINT(google-runtime-int): what %llu takes
  const char* at = std::strstr(line, ": dropping ");
  if (at != nullptr && std::sscanf(at, ": dropping %llu bytes", &bytes) == 1) {
    recovery_.dropped_bytes += bytes;
  }
  recovery_.reasons.emplace_back(line);
}

void RecoveryLogger::Logv(const char* format, va_list args) {
  Listen(format, args);
  if (target_) target_->Logv(format, args);
}

void RecoveryLogger::Logv(rocksdb::InfoLogLevel level, const char* format, va_list args) {
  Listen(format, args);
  if (target_) target_->Logv(level, format, args);
}

void RecoveryLogger::LogHeader(const char* format, va_list args) {
  if (target_ && !warnings_only_) target_->LogHeader(format, args);
}

size_t RecoveryLogger::GetLogFileSize() const {
  return target_ ? target_->GetLogFileSize() : kDoNotSupportGetLogFileSize;
}

void RecoveryLogger::Flush() {
  if (target_) target_->Flush();
}

// While the database opens, warnings must pass whatever the file's log level is; the file drops
// lines below its own level.
rocksdb::InfoLogLevel RecoveryLogger::GetInfoLogLevel() const {
  rocksdb::InfoLogLevel level =
      target_ ? target_->GetInfoLogLevel() : rocksdb::Logger::GetInfoLogLevel();
  if (warnings_only_) level = std::max(level, rocksdb::InfoLogLevel::WARN_LEVEL);
  return listening_ ? std::min(level, rocksdb::InfoLogLevel::WARN_LEVEL) : level;
}

void RecoveryLogger::SetInfoLogLevel(rocksdb::InfoLogLevel level) {
  if (target_) target_->SetInfoLogLevel(level);
  rocksdb::Logger::SetInfoLogLevel(level);
}

Recovery RecoveryLogger::Finish() {
  std::lock_guard<std::mutex> lock(mutex_);
  listening_ = false;
  return std::move(recovery_);
}

}  // namespace rocksdb_live
