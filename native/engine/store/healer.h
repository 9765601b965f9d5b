// Recovers a database from a background error in the cases in which RocksDB's own recovery starts
// too late, waits forever, or blocks every write.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/error.h"
#include "engine/watch/health.h"
#include "rocksdb/db.h"

namespace rocksdb_live {

class Healer {
 public:
  // `hold(true)` refuses new writes and returns once no write is in progress; `hold(false)` allows
  // writes again.
  Healer(std::shared_ptr<HealthListener> health, std::function<void(bool)> hold)
      : health_(std::move(health)), hold_(std::move(hold)) {}
  Healer(const Healer&) = delete;
  Healer& operator=(const Healer&) = delete;
  ~Healer() { Stop(false); }

  // Starts healing `db`, whose files are in `places`. `db` must outlive Stop.
  void Start(rocksdb::DB* db, std::vector<std::string> places);

  // Ends the read-only state after a background error whose cause is gone. May take long.
  Error Resume();

  // Reports an error: a thread of the healer's own retries from time to time, as long as the error
  // lasts and can end. Any thread, RocksDB's included.
  void Wake();

  // Ends the retries. Waits for the one in progress; `cancel` ends that early, and RocksDB does no
  // background work after that.
  void Stop(bool cancel);

 private:
  using Clock = std::chrono::steady_clock;

  void Loop();
  // Whether there is more room than at the last attempt, or that attempt was long ago.
  bool Due();
  uint64_t Room() const;
  rocksdb::Status Recover();

  const std::shared_ptr<HealthListener> health_;
  const std::function<void(bool)> hold_;
  rocksdb::DB* db_ = nullptr;
  std::vector<std::string> places_;
  std::mutex resume_mutex_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
  bool running_ = false;
  bool stopping_ = false;
  bool recovering_ = false;

  // Used by the thread only.
  uint64_t room_ = 0;
  Clock::duration pause_{};
  Clock::time_point next_;
};

}  // namespace rocksdb_live
