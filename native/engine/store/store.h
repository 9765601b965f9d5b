// One open RocksDB, shared by every session of the process on its directory.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/executor.h"
#include "engine/base/family.h"
#include "engine/base/result.h"
#include "engine/directory/adopt.h"
#include "engine/directory/footprint.h"
#include "engine/directory/wal_watch.h"
#include "engine/files/directory_lock.h"
#include "engine/files/links.h"
#include "engine/files/nowait_files.h"
#include "engine/files/open_files.h"
#include "engine/options/open_request.h"
#include "engine/options/options.h"
#include "engine/readers/reader.h"
#include "engine/store/healer.h"
#include "engine/store/reapply.h"
#include "engine/store/resource_table.h"
#include "engine/transactions/transactions.h"
#include "engine/watch/events.h"
#include "engine/watch/health.h"
#include "engine/watch/recorder.h"
#include "engine/writes/batch_check.h"
#include "engine/writes/commit_queue.h"
#include "engine/writes/write_gate.h"
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

  // Null to a reader, which has views.
  rocksdb::DB* db() const { return db_.get(); }
  // A reader's newest view; null to who writes. Any thread.
  std::shared_ptr<const ReaderView> view() const;
  // Takes over what the primary has written until now. Takes its time.
  Result<std::shared_ptr<const ReaderView>> CatchUp();
  const std::string& path() const { return request_.path; }
  bool in_memory() const { return request_.in_memory; }
  Mode mode() const { return request_.mode; }
  const Recovery& recovery() const { return recovery_; }
  // Files of others that are in its directory, for a warning.
  const std::vector<std::string>& strangers() const { return strangers_; }
  Executor& executor() { return *executor_; }
  CommitQueue& commits() { return *commits_; }
  HealthListener& health() { return *health_; }
  Events& events() { return *events_; }
  const WalWatch& wal() const { return wal_; }
  // Files that may be kept open: `budget` to share with the other databases of the process, or
  // where that is 0 this number. Returns what it may keep open now.
  int64_t ShareOpenFiles(uint64_t budget, int64_t files) {
    return open_files_ ? OpenFiles::Get().Change(*open_files_, budget, files) : files;
  }
  SharedObjects& shared() { return builder_.shared(); }
  Reapplier& reapplier() { return *reapplier_; }

  // Writes a batch in wire format at once, on this thread. The string's contents may be gone after.
  // `parts` are the sizes of the batches that it was merged of, where somebody records them.
  Error Write(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts = {});
  // The same where nobody has closed the gate; false else, and nothing has happened.
  bool TryWrite(std::string* batch, uint32_t flags, Error* error);
  // Writes each that still holds, with nobody else writing; says of each how that ended.
  std::vector<Error> WriteChecked(const std::vector<CheckedWrite*>& writes, uint32_t flags);
  // One, on a JavaScript thread; false where that would have to wait, and nothing has happened.
  bool TryWriteChecked(CheckedWrite* write, uint32_t flags, Error* error);
  // True where a write on a JavaScript thread keeps the order and waits for nobody's fsync.
  bool MayWriteInline() const {
    return commits_->idle() && slow_writes_.load(std::memory_order_acquire) == 0;
  }

  Transactions& transactions() { return transactions_; }

  // Measures commits from now on, until it is removed. Removing ignores null.
  void AddRecorder(std::shared_ptr<Recorder> recorder);
  void RemoveRecorder(const std::shared_ptr<Recorder>& recorder);
  // Of what its sessions have open.
  ResourceCounts& resource_counts() { return resource_counts_; }

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

  // Inside the gate, or with it closed.
  Error WriteInside(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts);
  Error Failed(const rocksdb::Status& status, const std::string& batch);
  Error WriteOneChecked(CheckedWrite* write, uint32_t flags, bool nowait, bool* waits);
  Error WhileResuming() const;
  static Error AfterThrownWrite();
  // Looks at what is there, before anything is written.
  Error Examine();
  // Makes and locks a WAL folder that is not the database's own.
  Error TakeWalDir();
  // Leaves there whose it is, and begins the record of what the directory holds.
  void Mark();
  void HoldWrites(bool hold);
  // Whether batches may name the family. Waits for those under way.
  void SetLive(const std::shared_ptr<Family>& family, bool live);
  void LeaveOpenFiles();
  Error Lock();
  Error OpenDb();
  Error OpenReader(const rocksdb::DBOptions& options);
  Error DescribeReader(const rocksdb::DBOptions& options,
                       std::vector<rocksdb::ColumnFamilyDescriptor>* families);
  Error FollowOnce();
  // How the request's options differ, and the families that only it names.
  void Compare(const OpenRequest& request, std::vector<std::string>* differences,
               std::vector<const FamilyRequest*>* missing) const;
  Error Persist();
  Error Describe(const rocksdb::DBOptions& options,
                 std::vector<rocksdb::ColumnFamilyDescriptor>* families);
  Error PrepareOptions(rocksdb::DBOptions* options);
  // Options of a family, with the merge operator that it was written with.
  Error BuildFamily(const std::string& name, const FamilyOptionMaps& maps,
                    const rocksdb::DBOptions& db, rocksdb::ColumnFamilyOptions* options) const;
  // Compares the options of an open family with those asked for.
  void CompareFamily(const FamilyRequest& asked, std::vector<std::string>* differences) const;
  void Adopt(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  void Add(rocksdb::ColumnFamilyHandle* handle);
  const FamilyOptionMaps& OptionsOf(const std::string& name) const;

  OpenRequest request_;
  std::map<std::string, FamilyOptionMaps> named_options_;  // by family; others have the defaults
  std::vector<std::string> strangers_;
  bool ours_ = false;  // nobody but this package has ever written to it
  Operators adopted_;  // of families that were there; by name
  OptionsBuilder builder_;
  Recovery recovery_;
  std::shared_ptr<RecoveryLogger> logger_;
  std::shared_ptr<HealthListener> health_;
  std::shared_ptr<Events> events_;
  std::shared_ptr<Reapplier> reapplier_ = std::make_shared<Reapplier>();
  const std::shared_ptr<Footprint> footprint_ = std::make_shared<Footprint>();
  Recorders recorders_;
  WalWatch wal_;
  ResourceCounts resource_counts_;
  std::shared_ptr<DirectoryLock> lock_;  // before db_, which is closed under it
  DirectoryLock wal_lock_;
  std::unique_ptr<rocksdb::DB> db_;
  std::optional<OpenFiles::Handle> open_files_;

  std::mutex join_mutex_;
  std::mutex family_changes_;  // one family is made or dropped at a time
  // A batch never meets a family that goes away under it: to change the families, the gate is
  // closed, and this is held besides, for those who look one up.
  WriteGate gate_;
  mutable std::shared_mutex families_mutex_;
  std::vector<std::shared_ptr<Family>> families_;  // by id; null where there is none
  std::shared_ptr<const ReaderView> view_;
  std::unique_ptr<Reader> reader_;

  std::atomic<int> slow_writes_{0};
  // Set while the gate is closed.
  std::atomic<bool> resuming_{false};
  Healer healer_;
  // A write was left by an exception: RocksDB may keep whoever writes next waiting for good.
  std::atomic<bool> write_thrown_{false};
  std::atomic<bool> unlogged_{false};  // something was written without the WAL
  Transactions transactions_{&gate_};
  // After what their work uses, so that they end before it.
  std::unique_ptr<CommitQueue> commits_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace rocksdb_live
