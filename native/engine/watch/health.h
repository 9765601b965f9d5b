// What RocksDB says of itself while it is open: its background errors, and what recovery dropped.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "rocksdb/env.h"
#include "rocksdb/listener.h"

namespace rocksdb_live {

struct Health {
  int severity = 0;  // rocksdb::Status::Severity; 0 is healthy
  bool no_space = false;
  Code code = Code::kOk;
  std::string message;
};

// Called by RocksDB's threads, which must not be held up: it only notes.
class HealthListener : public rocksdb::EventListener {
 public:
  // `woken` is called after each error, on RocksDB's threads, and must not hold them up.
  explicit HealthListener(std::function<void()> woken = nullptr) : woken_(std::move(woken)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  // RocksDB would hold every write, flush and close up until there is space. Store heals that
  // itself.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) override;

  Health Get() const;
  // What work that would flush is refused with while writes are stopped; else OK. RocksDB would
  // queue the flush, and its recovery wait for it for good.
  Error Refusal() const;

  // Around a recovery: what came in between is not over with it.
  void BeginRecovery();
  void EndRecovery();
  // Is well again, unless more errors than these have come.
  void Clear(uint64_t errors);
  uint64_t errors() const;
  // A call met an error that should be known: RocksDB tells of one just before it is in force.
  void Meet(const rocksdb::Status& error);

 private:
  void Note(const rocksdb::Status& error);

  const std::function<void()> woken_;
  mutable std::mutex mutex_;
  Health health_;
  uint64_t errors_ = 0;
  uint64_t before_ = 0;  // errors that had come when the recovery began
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
