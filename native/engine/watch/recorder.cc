#include "engine/watch/recorder.h"

#include <algorithm>
#include <utility>

namespace rocksdb_live {
namespace {

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

Recorder::Recorder(Bounds bounds, uint32_t read_sample)
    : write_nanos(std::move(bounds.write_nanos)),
      write_operations(std::move(bounds.write_operations)),
      write_bytes(std::move(bounds.write_bytes)),
      queue_nanos(std::move(bounds.queue_nanos)),
      read_nanos(std::move(bounds.read_nanos)),
      read_sample_(read_sample) {}

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
    recorder->write_nanos.Record(Nanos(took), batches.size());
    for (const BatchSize& batch : batches) {
      recorder->write_operations.Record(batch.operations);
      recorder->write_bytes.Record(batch.bytes);
    }
  }
}

void Recorders::OnCommit(Clock::duration took, const BatchSize& batch) {
  std::shared_lock<std::shared_mutex> lock(mutex_);
  for (const auto& recorder : recorders_) {
    recorder->write_nanos.Record(Nanos(took));
    recorder->write_operations.Record(batch.operations);
    recorder->write_bytes.Record(batch.bytes);
  }
}

void Recorders::OnQueueWait(Clock::duration waited) {
  std::shared_lock<std::shared_mutex> lock(mutex_);
  for (const auto& recorder : recorders_) recorder->queue_nanos.Record(Nanos(waited));
}

void TimedRead::End() const {
  if (recorder) recorder->read_nanos.Record(Nanos(Recorders::Clock::now() - start));
}

}  // namespace rocksdb_live
