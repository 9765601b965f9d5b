#include "engine/writes/write_gate.h"

namespace rocksdb_live {

void WriteGate::Wake() {
  // Taking the lock ensures that a thread about to wait sees the change or is woken.
  { std::lock_guard<std::mutex> lock(mutex_); }
  changed_.notify_all();
}

bool WriteGate::TryEnter() {
  if ((state_.fetch_add(1, std::memory_order_acq_rel) & kClosed) == 0) return true;
  Leave();
  return false;
}

void WriteGate::EnterLater() {
  do {
    Leave();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return (state_.load(std::memory_order_acquire) & kClosed) == 0; });
  } while ((state_.fetch_add(1, std::memory_order_acq_rel) & kClosed) != 0);
}

void WriteGate::Close() {
  closing_.lock();
  state_.fetch_or(kClosed, std::memory_order_acq_rel);
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return state_.load(std::memory_order_acquire) == kClosed; });
}

bool WriteGate::TryClose() {
  if (!closing_.try_lock()) return false;
  uint32_t empty = 0;
  if (state_.compare_exchange_strong(empty, kClosed, std::memory_order_acq_rel)) return true;
  closing_.unlock();
  return false;
}

void WriteGate::Open() {
  state_.fetch_and(~kClosed, std::memory_order_acq_rel);
  Wake();
  closing_.unlock();
}

}  // namespace rocksdb_live
