// One open RocksDB, shared by every session of the process on its directory.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/adopt.h"
#include "engine/batch_check.h"
#include "engine/commit_queue.h"
#include "engine/directory_lock.h"
#include "engine/error.h"
#include "engine/events.h"
#include "engine/executor.h"
#include "engine/family.h"
#include "engine/health.h"
#include "engine/links.h"
#include "engine/nowait_files.h"
#include "engine/open_request.h"
#include "engine/options.h"
#include "engine/recorder.h"
#include "engine/result.h"
#include "engine/wal_watch.h"
#include "rocksdb/db.h"

namespace rocksdb_live {

class Store {
 public:
  // Opens `request.path`, which must be canonical. Takes its time: not for a JavaScript thread.
  static Result<std::shared_ptr<Store>> Open(const OpenRequest& request);

  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  // Writes what waits, ends the threads, closes RocksDB. No session may use the store any more.
  Error Close();

  rocksdb::DB* db() const { return db_.get(); }
  const std::string& path() const { return request_.path; }
  // A secondary instance reads the newest it knows and refuses snapshots.
  bool has_snapshots() const { return request_.mode != Mode::kSecondary; }
  const Recovery& recovery() const { return recovery_; }
  Executor& executor() { return *executor_; }
  CommitQueue& commits() { return *commits_; }
  HealthListener& health() { return *health_; }
  Events& events() { return *events_; }
  const WalWatch& wal() const { return wal_; }
  SharedObjects& shared() { return builder_.shared(); }

  // Writes a batch in wire format at once, on this thread. The string's contents may be gone after.
  // `parts` are the sizes of the batches that it was merged of, where somebody records them.
  Error Write(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts = {});
  // True where a write on a JavaScript thread keeps the order and waits for nobody's fsync.
  bool MayWriteInline() const {
    return commits_->idle() && slow_writes_.load(std::memory_order_acquire) == 0;
  }

  // Measures commits from now on, until it is removed. Removing ignores null.
  void AddRecorder(std::shared_ptr<Recorder> recorder);
  void RemoveRecorder(const std::shared_ptr<Recorder>& recorder);
  // Cursors that the sessions have open.
  std::atomic<int64_t>& open_cursors() { return open_cursors_; }

  // Ends the read-only state after a background error whose cause is gone.
  Error Resume();

  // Null where there is no such live family.
  std::shared_ptr<Family> FindFamily(uint32_t id) const;
  std::vector<std::pair<std::string, uint32_t>> Families() const;
  // Null options: the defaults of the open request.
  Result<uint32_t> CreateFamily(const std::string& name, const FamilyOptionMaps* options);
  Error DropFamily(uint32_t id);
  std::vector<std::shared_ptr<Family>> AllFamilies() const;

  // What `request` asks for otherwise than this store was opened with; creates families that only
  // the request names.
  Error Join(const OpenRequest& request);

 private:
  explicit Store(const OpenRequest& request);

  Error WhileResuming() const;
  // After a write that found the disk full: tries to take up writing again, on a thread of its own
  // and once in a while, so that those that are tried again succeed soon after there is space.
  void Heal();
  void EndHealing();

  // Looks at what is there, before anything is written.
  Error Examine();
  // Makes and locks a WAL folder that is not the database's own.
  Error TakeWalDir();
  // Leaves there whose it is.
  void Mark();
  Error OpenDb();
  Error CheckWritable() const;
  // How the request's options differ, and the families that only it names.
  void Compare(const OpenRequest& request, std::vector<std::string>* differences,
               std::vector<const FamilyRequest*>* missing) const;
  Error Persist();
  Error Describe(const rocksdb::DBOptions& options,
                 std::vector<rocksdb::ColumnFamilyDescriptor>* families);
  Error PrepareOptions(rocksdb::DBOptions* options);
  // Options of a family, with the merge operator that it was written with.
  Error BuildFamily(const std::string& name, const FamilyOptionMaps& maps,
                    rocksdb::ColumnFamilyOptions* options) const;
  // Compares the options of an open family with those asked for.
  void CompareFamily(const FamilyRequest& asked, std::vector<std::string>* differences) const;
  void Adopt(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  void Add(rocksdb::ColumnFamilyHandle* handle);
  const FamilyOptionMaps& OptionsOf(const std::string& name) const;

  OpenRequest request_;
  std::map<std::string, FamilyOptionMaps> named_options_;  // by family; others have the defaults
  Operators adopted_;                                      // of families that were there; by name
  OptionsBuilder builder_;
  Recovery recovery_;
  std::shared_ptr<RecoveryLogger> logger_;
  std::shared_ptr<HealthListener> health_;
  std::shared_ptr<Events> events_;
  WalWatch wal_{NowaitFiles(LinksOrCopies(rocksdb::FileSystem::Default()))};
  Recorders recorders_;
  std::atomic<int64_t> open_cursors_{0};
  DirectoryLock lock_;  // before db_, which is closed under it
  DirectoryLock wal_lock_;
  std::unique_ptr<rocksdb::DB> db_;

  std::mutex join_mutex_;
  // Shared by writers, exclusive to a drop: a batch never meets a family that goes away under it.
  mutable std::shared_mutex families_mutex_;
  std::vector<std::shared_ptr<Family>> families_;  // by id; null where there is none

  std::atomic<int> slow_writes_{0};
  std::mutex resume_mutex_;
  // Set under families_mutex_, held exclusively.
  std::atomic<bool> resuming_{false};
  std::mutex healer_mutex_;
  std::thread healer_;
  std::atomic<bool> healing_{false};
  std::chrono::steady_clock::time_point next_healing_;
  std::atomic<bool> unlogged_{false};  // something was written without the WAL
  // After what their work uses, so that they end before it.
  std::unique_ptr<CommitQueue> commits_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace rocksdb_live
