// What RocksDB says of itself while it is open: its background errors, and what recovery dropped.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/listener.h"

namespace rocksdb_live {

struct Health {
  int severity = 0;  // rocksdb::Status::Severity; 0 is healthy
  bool no_space = false;
  std::string message;
};

// Called by RocksDB's threads, which must not be held up: it only notes.
class HealthListener : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  // RocksDB would hold every write, flush and close up until there is space. Store heals that
  // itself.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) override;

  Health Get() const;
  void Clear();

 private:
  mutable std::mutex mutex_;
  Health health_;
};

struct Recovery {
  bool created = false;
  uint64_t dropped_bytes = 0;
  std::vector<std::string> reasons;
};

// RocksDB's info log, passed on to its file. While the database opens, lines that report dropped
// WAL bytes are kept: RocksDB says so nowhere else.
class RecoveryLogger : public rocksdb::Logger {
 public:
  // `target` may be null (RocksDB opens read-only databases without an info log).
  explicit RecoveryLogger(std::shared_ptr<rocksdb::Logger> target);
  ~RecoveryLogger() override;

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list args) override;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list args) override;
  void LogHeader(const char* format, va_list args) override;
  size_t GetLogFileSize() const override;
  void Flush() override;
  rocksdb::InfoLogLevel GetInfoLogLevel() const override;
  void SetInfoLogLevel(rocksdb::InfoLogLevel level) override;

  // Stops listening and returns what was dropped.
  Recovery Finish();
  // From now on passes on warnings and errors alone. What RocksDB says of itself whenever it opens,
  // its file would keep in memory, to say it again in each new file.
  void PassOnWarnings() { warnings_only_ = true; }

 protected:
  rocksdb::Status CloseImpl() override;

 private:
  void Listen(const char* format, va_list args);

  std::shared_ptr<rocksdb::Logger> target_;
  std::mutex mutex_;
  std::atomic<bool> listening_{true};
  std::atomic<bool> warnings_only_{false};
  Recovery recovery_;
};

}  // namespace rocksdb_live
