#include "engine/changes/ring.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <iterator>
#include <utility>

#include "engine/writes/batch_check.h"

namespace rocksdb_live {
namespace {

// Between one time that all are told and the next: under load, many commits share one.
constexpr std::chrono::microseconds kRest{100};

double NowMs() {
#ifdef CLOCK_REALTIME_COARSE
  // As exact as a timer tick, for a fifth of the time.
  timespec coarse;
  if (clock_gettime(CLOCK_REALTIME_COARSE, &coarse) == 0) {
    const int64_t milliseconds = coarse.tv_nsec / 1000000;
    return static_cast<double>(coarse.tv_sec * 1000 + milliseconds);
  }
#endif
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

void ChangeRing::Clear(uint64_t next) {
  commits_.clear();
  early_.clear();
  bytes_ = 0;
  begin_ = end_ = next;
  std::lock_guard<std::mutex> lock(inbox_mutex_);
  inbox_.clear();
  inbox_bytes_ = 0;
}

void ChangeRing::Join(uint64_t next) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (readers_.fetch_add(1, std::memory_order_acq_rel) != 0) return;
  Clear(next);
  synced_ = 0;
}

void ChangeRing::Leave() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (readers_.fetch_sub(1, std::memory_order_acq_rel) == 1) Clear(0);
}

void ChangeRing::Restart(uint64_t next) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    Clear(next);
  }
  WakeAll();
}

void ChangeRing::Push(Batch commit) {
  end_ = commit->end;
  bytes_ += commit->batch.size();
  commits_.push_back(std::move(commit));
  while (bytes_ > most_bytes_) {
    bytes_ -= commits_.front()->batch.size();
    begin_ = commits_.front()->end;
    commits_.pop_front();
  }
}

void ChangeRing::Take(Batch commit) {
  if (commit->first < end_ || commit->first == commit->end) return;
  // A sync covers what was logged before it, too.
  if (commit->synced) synced_ = std::max(synced_, commit->end);
  if (commit->first != end_) {
    early_.emplace(commit->first, std::move(commit));
    return;
  }
  Push(std::move(commit));
  for (auto at = early_.begin(); at != early_.end() && at->first == end_;) {
    Push(std::move(at->second));
    at = early_.erase(at);
  }
}

void ChangeRing::Sort() {
  std::vector<Batch> taken;
  {
    std::lock_guard<std::mutex> lock(inbox_mutex_);
    taken.swap(inbox_);
    inbox_bytes_ = 0;
  }
  for (Batch& commit : taken) Take(std::move(commit));
}

void ChangeRing::Add(std::string batch, bool synced, bool logged) {
  auto commit = std::make_shared<CommittedBatch>();
  commit->first = BatchSequence(batch);
  commit->end = commit->first + BatchCount(batch);
  commit->time_ms = NowMs();
  commit->batch = std::move(batch);
  commit->synced = synced;
  commit->logged = logged;
  size_t bytes = 0;
  {
    std::lock_guard<std::mutex> lock(inbox_mutex_);
    inbox_bytes_ += commit->batch.size();
    bytes = inbox_bytes_;
    inbox_.push_back(std::move(commit));
    WakeTeller();
  }
  if (bytes <= most_bytes_) return;
  // Nobody reads: it would grow.
  const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
  if (lock.owns_lock()) Sort();
}

void ChangeRing::Synced(uint64_t end) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    synced_ = std::max(synced_, end);
  }
  WakeAll();
}

void ChangeRing::WakeTeller() {
  if (waits_.empty()) return;
  news_ = true;
  if (!resting_) news_changed_.notify_one();
}

void ChangeRing::TellLoop() {
  std::unique_lock<std::mutex> lock(inbox_mutex_);
  while (!stopped_) {
    news_changed_.wait(lock, [this] { return stopped_ || news_; });
    news_ = false;
    const Waits waits = std::exchange(waits_, Waits());
    lock.unlock();
    for (const auto& wait : waits) wait->Tell();
    lock.lock();
    resting_ = true;
    news_changed_.wait_for(lock, kRest, [this] { return stopped_; });
    resting_ = false;
  }
  const Waits waits = std::exchange(waits_, Waits());
  lock.unlock();
  for (const auto& wait : waits) wait->Tell();
}

void ChangeRing::Stop() {
  {
    std::lock_guard<std::mutex> lock(inbox_mutex_);
    stopped_ = true;
  }
  news_changed_.notify_all();
  if (teller_.joinable()) teller_.join();
}

ChangeRing::Found ChangeRing::Read(uint64_t next, uint64_t stop, size_t most_bytes,
                                   std::vector<std::shared_ptr<const CommittedBatch>>* commits) {
  std::lock_guard<std::mutex> lock(mutex_);
  Sort();
  if (next >= std::min(end_, stop)) return Found::kTail;
  if (next < begin_) return Found::kBehind;
  const auto before = [](uint64_t sequence, const Batch& commit) { return sequence < commit->end; };
  auto at = std::upper_bound(commits_.begin(), commits_.end(), next, before);
  size_t bytes = 0;
  for (; at != commits_.end() && (*at)->end <= stop; ++at) {
    bytes += (*at)->batch.size();
    if (!commits->empty() && bytes > most_bytes) break;
    commits->push_back(*at);
  }
  return commits->empty() ? Found::kTail : Found::kCommits;
}

uint64_t ChangeRing::end() {
  std::lock_guard<std::mutex> lock(mutex_);
  Sort();
  return end_;
}

uint64_t ChangeRing::synced() {
  std::lock_guard<std::mutex> lock(mutex_);
  Sort();
  return synced_;
}

bool ChangeRing::Wait(uint64_t next, bool durable, const std::shared_ptr<ChangeWait>& wait) {
  std::lock_guard<std::mutex> lock(mutex_);
  Sort();
  if (next < (durable ? std::min(end_, synced_) : end_)) return false;
  std::lock_guard<std::mutex> inbox_lock(inbox_mutex_);
  if (!inbox_.empty() || stopped_) return false;
  waits_.push_back(wait);
  if (!teller_.joinable()) teller_ = std::thread([this] { TellLoop(); });
  return true;
}

void ChangeRing::Forget(const std::shared_ptr<ChangeWait>& wait) {
  std::lock_guard<std::mutex> lock(inbox_mutex_);
  waits_.erase(std::remove(waits_.begin(), waits_.end(), wait), waits_.end());
}

void ChangeRing::WakeAll() {
  std::lock_guard<std::mutex> lock(inbox_mutex_);
  WakeTeller();
}

}  // namespace rocksdb_live
