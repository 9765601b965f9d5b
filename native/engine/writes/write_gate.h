// Writers pass it side by side; whoever must be alone among them closes it.
//
// To pass costs two additions to one number. Closing has precedence: writers that come while
// somebody waits to close wait behind it. What is held inside is short: a write, at most with its
// fsync.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace rocksdb_live {

class WriteGate {
 public:
  WriteGate() = default;
  WriteGate(const WriteGate&) = delete;
  WriteGate& operator=(const WriteGate&) = delete;

  // Beside other writers. Waits while it is closed.
  void Enter() {
    if ((state_.fetch_add(1, std::memory_order_acq_rel) & kClosed) != 0) EnterLater();
  }
  // False where it is closed.
  bool TryEnter();
  void Leave() {
    if (state_.fetch_sub(1, std::memory_order_acq_rel) == (kClosed | 1U)) Wake();
  }

  // Alone: waits until all who are inside have left.
  void Close();
  // False where somebody is inside.
  bool TryClose();
  // On the thread that closed it.
  void Open();

 private:
  static constexpr uint32_t kClosed = uint32_t{1} << 31;

  void EnterLater();
  void Wake();

  std::atomic<uint32_t> state_{0};  // how many are inside, and kClosed
  std::mutex closing_;              // of who has closed it
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Inside for as long as it lives.
class GatePass {
 public:
  explicit GatePass(WriteGate* gate) : gate_(gate) { gate_->Enter(); }
  // Takes over what TryEnter was granted.
  GatePass(WriteGate* gate, std::adopt_lock_t) : gate_(gate) {}
  GatePass(const GatePass&) = delete;
  GatePass& operator=(const GatePass&) = delete;
  ~GatePass() { gate_->Leave(); }

 private:
  WriteGate* const gate_;
};

// Alone for as long as it lives.
class GateClosed {
 public:
  explicit GateClosed(WriteGate* gate) : gate_(gate) { gate_->Close(); }
  // Takes over what TryClose was granted.
  GateClosed(WriteGate* gate, std::adopt_lock_t) : gate_(gate) {}
  GateClosed(const GateClosed&) = delete;
  GateClosed& operator=(const GateClosed&) = delete;
  ~GateClosed() { gate_->Open(); }

 private:
  WriteGate* const gate_;
};

}  // namespace rocksdb_live
