// Takes a database up again after a background error: what RocksDB's own recovery does too late,
// waits for good in, or holds every write up for.
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
  // `hold(true)` returns once no write is under way and refuses those that come, until
  // `hold(false)`.
  Healer(std::shared_ptr<HealthListener> health, std::function<void(bool)> hold)
      : health_(std::move(health)), hold_(std::move(hold)) {}
  Healer(const Healer&) = delete;
  Healer& operator=(const Healer&) = delete;
  ~Healer() { Stop(false); }

  // From now on it works, on `db`, whose files are in `places`. `db` outlives Stop.
  void Start(rocksdb::DB* db, std::vector<std::string> places);

  // Ends the read-only state after a background error whose cause is gone; takes its time.
  Error Resume();

  // There is an error: tries on a thread of its own, and once in a while, as long as it is in force
  // and may end. Any thread, RocksDB's among them.
  void Wake();

  // Nothing is tried by itself any more. Waits for what is under way, which `cancel` ends early:
  // RocksDB does no background work after that.
  void Stop(bool cancel);

 private:
  using Clock = std::chrono::steady_clock;

  void Loop();
  // Whether there is more room than at the last attempt, or that was long ago.
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

  // Of the thread alone.
  uint64_t room_ = 0;
  Clock::duration pause_{};
  Clock::time_point next_;
};

}  // namespace rocksdb_live
