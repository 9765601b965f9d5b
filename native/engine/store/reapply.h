// Keeps options in force that were changed while a job was running.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/family.h"
#include "engine/base/option_map.h"
#include "rocksdb/listener.h"
#include "rocksdb/version.h"

namespace rocksdb_live {

// Before 9.11, a flush or compaction that began before SetOptions and ended after it restored the
// old values of the options for write stalls and prefix seeks (facebook/rocksdb#13294). GetOptions
// does not show it.
constexpr bool kJobsTakeOptionsBack =
    ROCKSDB_MAJOR < 9 || (ROCKSDB_MAJOR == 9 && ROCKSDB_MINOR < 11);

// Sets them again each time such a job has ended, on a thread of its own.
class Reapplier : public rocksdb::EventListener {
 public:
  Reapplier() = default;
  ~Reapplier() override { Stop(); }

  // Call right after `options` were set.
  void Remember(rocksdb::DB* db, std::shared_ptr<Family> family, OptionMap options);
  // Call before the database is closed.
  void Stop();

  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo& info) override;
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) override;
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo& info) override;
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& info) override;

 private:
  using Job = std::pair<std::string, int>;  // family and job
  struct Change {
    std::shared_ptr<Family> family;
    OptionMap options;
    std::set<Job> jobs;  // the jobs that were running, and still are
  };

  void Begin(Job job);
  void End(const Job& job);
  void Loop(rocksdb::DB* db);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Job> jobs_;
  std::vector<Change> changes_;  // oldest first
  std::vector<Change> due_;
  bool running_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rocksdb_live
