// What one collector of metrics measures of a store: histograms with buckets of its own.
//
// Recording is lock-free and comes from any thread. Nothing is measured where nobody records.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

namespace rocksdb_live {

// What a histogram holds at some moment.
struct HistogramCounts {
  std::vector<uint64_t> buckets;  // one a bound, and one for what is above all
  uint64_t sum = 0;
};

class Histogram {
 public:
  // Ascending bounds. A value counts in the first bucket whose bound it does not exceed.
  explicit Histogram(std::vector<double> bounds);

  void Record(uint64_t value, uint64_t times = 1);
  HistogramCounts Read() const;

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<uint64_t>> buckets_;
  std::atomic<uint64_t> sum_{0};
};

// One of the batches that a commit wrote.
struct BatchSize {
  uint64_t operations = 0;
  uint64_t bytes = 0;
};

class Recorder {
 public:
  // Bounds in nanoseconds, operations or bytes.
  struct Bounds {
    std::vector<double> write_nanos;
    std::vector<double> write_operations;
    std::vector<double> write_bytes;
    std::vector<double> queue_nanos;
    std::vector<double> read_nanos;
  };
  // Times one read in `read_sample`; none for 0.
  Recorder(Bounds bounds, uint32_t read_sample);

  uint32_t read_sample() const { return read_sample_; }

  Histogram write_nanos;
  Histogram write_operations;
  Histogram write_bytes;
  Histogram queue_nanos;
  Histogram read_nanos;

 private:
  const uint32_t read_sample_;
};

// The recorders of a store.
class Recorders {
 public:
  using Clock = std::chrono::steady_clock;

  void Add(std::shared_ptr<Recorder> recorder);
  // Ignores null and what was not added.
  void Remove(const std::shared_ptr<Recorder>& recorder);

  bool any() const { return any_.load(std::memory_order_relaxed); }
  void OnCommit(Clock::duration took, const std::vector<BatchSize>& batches);
  void OnCommit(Clock::duration took, const BatchSize& batch);
  void OnQueueWait(Clock::duration waited);

 private:
  std::atomic<bool> any_{false};
  std::shared_mutex mutex_;
  std::vector<std::shared_ptr<Recorder>> recorders_;
};

// Chooses the reads that are timed. On one thread only.
class ReadSampler {
 public:
  // 0 for none.
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

// A read that is timed, from its start.
struct TimedRead {
  TimedRead() = default;  // not timed
  explicit TimedRead(std::shared_ptr<Recorder> to)
      : recorder(std::move(to)), start(Recorders::Clock::now()) {}
  void End() const;

  std::shared_ptr<Recorder> recorder;
  Recorders::Clock::time_point start;
};

}  // namespace rocksdb_live
