// What an operation that somebody traces has waited for, and what its WAL took. Nothing is measured
// unless somebody asks: then it costs the others one read of an atomic number.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rocksdb_live {

struct Timings {
  double queue_ms = 0;  // from where it was submitted to where a thread took it
  double wal_ms = 0;    // appends and syncs of the WAL, by the thread that did the write
};

// While one that is on exists, its thread measures what it does.
class Measuring {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Measuring(bool on) : on_(on) {
    if (on_) Begin();
  }
  Measuring(const Measuring&) = delete;
  Measuring& operator=(const Measuring&) = delete;
  ~Measuring() {
    if (on_) End();
  }

  // Whether this thread measures.
  static bool On() { return threads.load(std::memory_order_relaxed) != 0 && Here(); }
  // The moment of a submission; zero if this thread does not measure.
  static Clock::time_point Since() { return On() ? Clock::now() : Clock::time_point(); }
  static bool IsSet(Clock::time_point since) { return since != Clock::time_point(); }
  static double Ms(Clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
  }

  // Without an object: for JavaScript's thread.
  static void Begin();
  static void End();
  // What this thread has spent on WALs while it measured, in all.
  static void AddWal(Clock::duration took);
  static double WalMs();

 private:
  static bool Here();

  static std::atomic<uint32_t> threads;

  const bool on_;
};

// While one exists, its thread tells the outcome of an operation that took this.
class ToldTimings {
 public:
  explicit ToldTimings(const Timings* timings);
  ToldTimings(const ToldTimings&) = delete;
  ToldTimings& operator=(const ToldTimings&) = delete;
  ~ToldTimings();

  // Null if nothing was measured.
  static const Timings* Now();

 private:
  const Timings* const before_;
};

}  // namespace rocksdb_live
