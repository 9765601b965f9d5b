#include "engine/base/executor.h"

#include <utility>

namespace rocksdb_live {

Executor::~Executor() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Executor::Run(std::function<void()> job) {
  std::lock_guard<std::mutex> lock(mutex_);
  jobs_.push_back(std::move(job));
  if (jobs_.size() > idle_ && threads_.size() < kThreads) {
    try {
      threads_.emplace_back([this] { Loop(); });
    } catch (...) {
      if (threads_.empty()) {
        jobs_.pop_back();
        throw;
      }
    }
  }
  wake_.notify_one();
}

void Executor::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty()) return;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // releases what the job holds before the next wait
    lock.lock();
  }
}

}  // namespace rocksdb_live
