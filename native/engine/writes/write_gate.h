// A gate that writers enter side by side, and that whoever must be alone closes.
//
// Entering and leaving cost one addition each. Closing has precedence: writers that come while
// somebody waits to close wait until it has opened again. Keep what runs inside short: a write, at
// most with its fsync.
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

  // Enters beside other writers. Waits while the gate is closed.
  void Enter() {
    if ((state_.fetch_add(1, std::memory_order_acq_rel) & kClosed) != 0) EnterLater();
  }
  // Returns false if the gate is closed.
  bool TryEnter();
  void Leave() {
    if (state_.fetch_sub(1, std::memory_order_acq_rel) == (kClosed | 1U)) Wake();
  }

  // Closes the gate: waits until everybody inside has left.
  void Close();
  // Returns false if somebody is inside.
  bool TryClose();
  // Call on the thread that closed it.
  void Open();

 private:
  static constexpr uint32_t kClosed = uint32_t{1} << 31;

  void EnterLater();
  void Wake();

  std::atomic<uint32_t> state_{0};  // how many are inside, and kClosed
  std::mutex closing_;              // the thread that closed it
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Inside the gate for as long as it lives.
class GatePass {
 public:
  explicit GatePass(WriteGate* gate) : gate_(gate) { gate_->Enter(); }
  // Adopts a successful TryEnter.
  GatePass(WriteGate* gate, std::adopt_lock_t) : gate_(gate) {}
  GatePass(const GatePass&) = delete;
  GatePass& operator=(const GatePass&) = delete;
  ~GatePass() { gate_->Leave(); }

 private:
  WriteGate* const gate_;
};

// Closes the gate for as long as it lives.
class GateClosed {
 public:
  explicit GateClosed(WriteGate* gate) : gate_(gate) { gate_->Close(); }
  // Adopts a successful TryClose.
  GateClosed(WriteGate* gate, std::adopt_lock_t) : gate_(gate) {}
  GateClosed(const GateClosed&) = delete;
  GateClosed& operator=(const GateClosed&) = delete;
  ~GateClosed() { gate_->Open(); }

 private:
  WriteGate* const gate_;
};

}  // namespace rocksdb_live
