#include "engine/watch/recorder.h"

#include <algorithm>
#include <utility>

namespace rocksdb_live {
namespace {

constexpr size_t kWriteTime = HistogramAt("write_batch_ms");
constexpr size_t kWriteOperations = HistogramAt("write_batch_operations");
constexpr size_t kWriteBytes = HistogramAt("write_batch_bytes");
constexpr size_t kQueueTime = HistogramAt("commit_queue_wait_seconds");
constexpr size_t kReadTime = HistogramAt("read_latency_seconds");
constexpr size_t kSyncTime = HistogramAt("wal_sync_seconds");

uint64_t Nanos(Recorders::Clock::duration duration) {
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
  return nanos < 0 ? 0 : static_cast<uint64_t>(nanos);
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {}

void Histogram::Record(uint64_t value, uint64_t times) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), static_cast<double>(value));
  const auto index = static_cast<size_t>(bound - bounds_.begin());
  buckets_[index].fetch_add(times, std::memory_order_relaxed);
  sum_.fetch_add(value * times, std::memory_order_relaxed);
}

HistogramCounts Histogram::Read() const {
  HistogramCounts counts;
  counts.buckets.reserve(buckets_.size());
  for (const auto& bucket : buckets_) {
    counts.buckets.push_back(bucket.load(std::memory_order_relaxed));
  }
  counts.sum = sum_.load(std::memory_order_relaxed);
  return counts;
}

Result<std::shared_ptr<Recorder>> Recorder::Make(const Bounds& bounds, uint32_t read_sample) {
  std::shared_ptr<Recorder> recorder(new Recorder(read_sample));
  size_t known = 0;
  for (size_t row = 0; row < std::size(kHistograms); ++row) {
    const auto found = bounds.find(kHistograms[row]);
    if (found == bounds.end()) continue;
    recorder->histograms_[row] = std::make_unique<Histogram>(found->second);
    ++known;
  }
  if (known != bounds.size()) return Error(Code::kInvalidArgument, "no such histogram");
  return recorder;
}

void Recorders::Add(std::shared_ptr<Recorder> recorder) {
  std::unique_lock<std::shared_mutex> lock(mutex_);
  recorders_.push_back(std::move(recorder));
  any_ = true;
}

void Recorders::Remove(const std::shared_ptr<Recorder>& recorder) {
  std::unique_lock<std::shared_mutex> lock(mutex_);
  recorders_.erase(std::remove(recorders_.begin(), recorders_.end(), recorder), recorders_.end());
  any_ = !recorders_.empty();
}

void Recorders::OnCommit(Clock::duration took, const std::vector<BatchSize>& batches) {
  std::shared_lock<std::shared_mutex> lock(mutex_);
  for (const auto& recorder : recorders_) {
    recorder->Record(kWriteTime, Nanos(took), batches.size());
    for (const BatchSize& batch : batches) {
      recorder->Record(kWriteOperations, batch.operations);
      recorder->Record(kWriteBytes, batch.bytes);
    }
  }
}

void Recorders::OnCommit(Clock::duration took, const BatchSize& batch) {
  std::shared_lock<std::shared_mutex> lock(mutex_);
  for (const auto& recorder : recorders_) {
    recorder->Record(kWriteTime, Nanos(took));
    recorder->Record(kWriteOperations, batch.operations);
    recorder->Record(kWriteBytes, batch.bytes);
  }
}

void Recorders::OnQueueWait(Clock::duration waited) {
  std::shared_lock<std::shared_mutex> lock(mutex_);
  for (const auto& recorder : recorders_) recorder->Record(kQueueTime, Nanos(waited));
}

void Recorders::OnWalSync(Clock::duration took) {
  if (!any()) return;
  std::shared_lock<std::shared_mutex> lock(mutex_);
  for (const auto& recorder : recorders_) recorder->Record(kSyncTime, Nanos(took));
}

void TimedRead::End() const {
  if (recorder) recorder->Record(kReadTime, Nanos(Recorders::Clock::now() - start));
}

}  // namespace rocksdb_live
