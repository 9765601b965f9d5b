#include "engine/changes/ring.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "engine/writes/batch_check.h"

namespace rocksdb_live {
namespace {

double NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// The first 8 bytes of a batch, after its write (InsertInto, db/write_batch.cc).
uint64_t SequenceOf(const std::string& batch) {
  uint64_t sequence = 0;
  for (size_t i = 8; i-- > 0;) sequence = sequence << 8 | static_cast<uint8_t>(batch[i]);
  return sequence;
}

}  // namespace

void ChangeRing::Join(uint64_t next) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (readers_.fetch_add(1, std::memory_order_acq_rel) != 0) return;
  commits_.clear();
  early_.clear();
  bytes_ = 0;
  begin_ = end_ = next;
  synced_ = 0;
}

void ChangeRing::Leave() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (readers_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  commits_.clear();
  early_.clear();
  bytes_ = 0;
}

void ChangeRing::Restart(uint64_t next) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    commits_.clear();
    early_.clear();
    bytes_ = 0;
    begin_ = end_ = next;
  }
  WakeAll();
}

void ChangeRing::Push(std::shared_ptr<const Commit> commit) {
  end_ = commit->end;
  bytes_ += commit->batch.size();
  commits_.push_back(std::move(commit));
  while (bytes_ > most_bytes_) {
    bytes_ -= commits_.front()->batch.size();
    begin_ = commits_.front()->end;
    commits_.pop_front();
  }
}

bool ChangeRing::Advance() {
  bool any = false;
  for (auto at = early_.begin(); at != early_.end() && at->first == end_; any = true) {
    Push(std::move(at->second));
    at = early_.erase(at);
  }
  return any;
}

void ChangeRing::Add(std::string batch, bool synced) {
  auto commit = std::make_shared<Commit>();
  commit->first = SequenceOf(batch);
  commit->end = commit->first + BatchCount(batch);
  commit->time_ms = NowMs();
  commit->batch = std::move(batch);
  const uint64_t end = commit->end;
  Waits waits;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (commit->first < end_ || commit->first == commit->end) return;
    if (commit->first == end_ && early_.empty()) {
      Push(std::move(commit));
    } else {
      early_.emplace(commit->first, std::move(commit));
      if (!Advance() && !synced) return;
    }
    // A sync covers what was logged before it, too.
    if (synced) synced_ = std::max(synced_, end);
    waits.swap(waits_);
  }
  for (const auto& wait : waits) wait->Tell();
}

void ChangeRing::Synced() {
  Waits waits;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    synced_ = std::max(synced_, end_);
    waits.swap(waits_);
  }
  for (const auto& wait : waits) wait->Tell();
}

ChangeRing::Found ChangeRing::Read(uint64_t next, uint64_t stop, size_t most_bytes,
                                   std::vector<std::shared_ptr<const Commit>>* commits) const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (next >= std::min(end_, stop)) return Found::kTail;
  if (next < begin_) return Found::kBehind;
  const auto before = [](uint64_t sequence, const std::shared_ptr<const Commit>& commit) {
    return sequence < commit->end;
  };
  auto at = std::upper_bound(commits_.begin(), commits_.end(), next, before);
  size_t bytes = 0;
  for (; at != commits_.end() && (*at)->end <= stop; ++at) {
    bytes += (*at)->batch.size();
    if (!commits->empty() && bytes > most_bytes) break;
    commits->push_back(*at);
  }
  return commits->empty() ? Found::kTail : Found::kCommits;
}

uint64_t ChangeRing::end() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return end_;
}

uint64_t ChangeRing::synced() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return synced_;
}

bool ChangeRing::Wait(uint64_t next, bool durable, const std::shared_ptr<ChangeWait>& wait) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (next < (durable ? std::min(end_, synced_) : end_)) return false;
  waits_.push_back(wait);
  return true;
}

void ChangeRing::Forget(const std::shared_ptr<ChangeWait>& wait) {
  std::lock_guard<std::mutex> lock(mutex_);
  waits_.erase(std::remove(waits_.begin(), waits_.end(), wait), waits_.end());
}

void ChangeRing::WakeAll() {
  Waits waits;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    waits.swap(waits_);
  }
  for (const auto& wait : waits) wait->Tell();
}

}  // namespace rocksdb_live
