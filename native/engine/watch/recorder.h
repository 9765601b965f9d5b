// What one collector of metrics measures of a store: histograms with its own buckets.
//
// Recording is lock-free and may happen on any thread. Without a recorder nothing is measured.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace rocksdb_live {

// The state of a histogram at one moment.
struct HistogramCounts {
  std::vector<uint64_t> buckets;  // one per bound, and one for values above all bounds
  uint64_t sum = 0;
};

class Histogram {
 public:
  // `bounds` ascend. A value counts in the first bucket whose bound is not below it.
  explicit Histogram(std::vector<double> bounds);

  void Record(uint64_t value, uint64_t times = 1);
  HistogramCounts Read() const;

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<uint64_t>> buckets_;
  std::atomic<uint64_t> sum_{0};
};

// One of the batches in a commit.
struct BatchSize {
  uint64_t operations = 0;
  uint64_t bytes = 0;
};

// All that can be measured, named as in lib/metrics/catalog.ts: one row per histogram.
constexpr const char* kHistograms[] = {
    "write_batch_ms",  // nanoseconds
    "write_batch_operations",
    "write_batch_bytes",
    "commit_queue_wait_seconds",  // nanoseconds
    "read_latency_seconds",       // nanoseconds, of sampled reads
    "wal_sync_seconds",           // nanoseconds
};

// A histogram's row; evaluated at compile time, so that an unknown name does not compile.
constexpr size_t HistogramAt(std::string_view name) {
  for (size_t i = 0; i < std::size(kHistograms); ++i) {
    if (name == kHistograms[i]) return i;
  }
  throw std::out_of_range("no such histogram");
}

class Recorder {
 public:
  // Named as in kHistograms; in nanoseconds, operations or bytes.
  using Bounds = std::map<std::string, std::vector<double>>;

  // Measures the histograms that have bounds. Times one in `read_sample` reads, or none if it is 0.
  // Fails if a name is unknown.
  static Result<std::shared_ptr<Recorder>> Make(const Bounds& bounds, uint32_t read_sample);

  uint32_t read_sample() const { return read_sample_; }
  // Null if it is not measured. `row` comes from HistogramAt.
  const Histogram* At(size_t row) const { return histograms_[row].get(); }
  void Record(size_t row, uint64_t value, uint64_t times = 1) {
    if (histograms_[row]) histograms_[row]->Record(value, times);
  }

 private:
  explicit Recorder(uint32_t read_sample) : read_sample_(read_sample) {}

  const uint32_t read_sample_;
  std::array<std::unique_ptr<Histogram>, std::size(kHistograms)> histograms_;
};

// The recorders of a store.
class Recorders {
 public:
  using Clock = std::chrono::steady_clock;

  void Add(std::shared_ptr<Recorder> recorder);
  // Ignores null and recorders that were not added.
  void Remove(const std::shared_ptr<Recorder>& recorder);

  bool any() const { return any_.load(std::memory_order_relaxed); }
  void OnCommit(Clock::duration took, const std::vector<BatchSize>& batches);
  void OnCommit(Clock::duration took, const BatchSize& batch);
  void OnQueueWait(Clock::duration waited);
  void OnWalSync(Clock::duration took);

 private:
  std::atomic<bool> any_{false};
  std::shared_mutex mutex_;
  std::vector<std::shared_ptr<Recorder>> recorders_;
};

// Chooses the reads to time. Use on one thread only.
class ReadSampler {
 public:
  // 0 means none.
  void Set(uint32_t every) { left_ = every_ = every; }
  // Whether the next read is to be timed.
  bool Take() {
    if (left_ == 0 || --left_ != 0) return false;
    left_ = every_;
    return true;
  }

 private:
  uint32_t every_ = 0;
  uint32_t left_ = 0;
};

// One timed read, from its start.
struct TimedRead {
  TimedRead() = default;  // not timed
  explicit TimedRead(std::shared_ptr<Recorder> to)
      : recorder(std::move(to)), start(Recorders::Clock::now()) {}
  void End() const;

  std::shared_ptr<Recorder> recorder;
  Recorders::Clock::time_point start;
};

}  // namespace rocksdb_live
