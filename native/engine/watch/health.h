// What RocksDB reports about itself while it is open: background errors, and what recovery dropped.
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

// Called on RocksDB's threads, which it must not block: it only takes notes.
class HealthListener : public rocksdb::EventListener {
 public:
  // `woken` is called after each error on RocksDB's threads, and must not block them.
  explicit HealthListener(std::function<void()> woken = nullptr) : woken_(std::move(woken)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  // On a full disk, turns RocksDB's own recovery off: it would block every write, flush and close
  // until there is space. The store heals that itself.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) override;

  Health Get() const;
  // The error for work that would flush while writes are stopped; OK otherwise. RocksDB would queue
  // the flush, and its recovery would wait for it forever.
  Error Refusal() const;

  // Call around a recovery: errors that come during it remain.
  void BeginRecovery();
  void EndRecovery();
  // Ends the error state, unless more errors than these have come.
  void Clear(uint64_t errors);
  uint64_t errors() const;
  // Notes an error that a call met: RocksDB reports an error just before it takes effect.
  void Meet(const rocksdb::Status& error);

 private:
  void Note(const rocksdb::Status& error);

  const std::function<void()> woken_;
  mutable std::mutex mutex_;
  Health health_;
  uint64_t errors_ = 0;
  uint64_t before_ = 0;  // number of errors when the recovery began
};

struct Recovery {
  bool created = false;
  uint64_t dropped_bytes = 0;
  std::vector<std::string> reasons;
};

// RocksDB's info log, passed on to its file. While the database opens, keeps the lines that report
// dropped WAL bytes: RocksDB reports them nowhere else.
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

  // Stops listening and returns what recovery dropped.
  Recovery Finish();
  // Passes on only warnings and errors from now on. The log file keeps in memory what RocksDB logs
  // at every open, to repeat it in each new file.
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
