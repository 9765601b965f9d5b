#include "engine/store/reapply.h"

#include <algorithm>
#include <system_error>

namespace rocksdb_live {

void Reapplier::OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo& info) {
  Begin({info.cf_name, info.job_id});
}

void Reapplier::OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) {
  End({info.cf_name, info.job_id});
}

void Reapplier::OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo& info) {
  Begin({info.cf_name, info.job_id});
}

void Reapplier::OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& info) {
  End({info.cf_name, info.job_id});
}

void Reapplier::Begin(Job job) {
  std::lock_guard<std::mutex> lock(mutex_);
  jobs_.insert(std::move(job));
}

void Reapplier::End(const Job& job) {
  std::lock_guard<std::mutex> lock(mutex_);
  jobs_.erase(job);
  for (Change& change : changes_) {
    if (change.jobs.erase(job) != 0) due_.push_back(change);
  }
  const auto over = [](const Change& change) { return change.jobs.empty(); };
  changes_.erase(std::remove_if(changes_.begin(), changes_.end(), over), changes_.end());
  if (!due_.empty()) changed_.notify_all();
}

void Reapplier::Remember(rocksdb::DB* db, std::shared_ptr<Family> family, OptionMap options) {
  std::lock_guard<std::mutex> lock(mutex_);
  Change change;
  for (const Job& job : jobs_) {
    if (job.first == family->name()) change.jobs.insert(job);
  }
  if (change.jobs.empty() || stopping_) return;
  change.family = std::move(family);
  change.options = std::move(options);
  changes_.push_back(std::move(change));
  if (running_) return;
  if (thread_.joinable()) thread_.join();  // Loop is returning
  try {
    thread_ = std::thread([this, db] { Loop(db); });
    running_ = true;
  } catch (const std::system_error&) {
    return;  // no thread can be started; the call itself has succeeded
  }
}

void Reapplier::Loop(rocksdb::DB* db) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_ && !(changes_.empty() && due_.empty())) {
    changed_.wait(lock, [this] { return stopping_ || !due_.empty() || changes_.empty(); });
    const std::vector<Change> due = std::exchange(due_, {});
    lock.unlock();
    for (const Change& change : due) {
      if (change.family->dropped()) continue;
      db->SetOptions(change.family->handle(), change.options).PermitUncheckedError();
    }
    lock.lock();
  }
  running_ = false;
}

void Reapplier::Stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  changes_.clear();
  due_.clear();
}

}  // namespace rocksdb_live
