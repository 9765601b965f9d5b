// One open RocksDB, shared by all sessions of the process on its directory.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/executor.h"
#include "engine/base/family.h"
#include "engine/base/result.h"
#include "engine/changes/changes.h"
#include "engine/directory/adopt.h"
#include "engine/directory/adopt_expiry.h"
#include "engine/directory/footprint.h"
#include "engine/directory/wal_watch.h"
#include "engine/files/directory_lock.h"
#include "engine/files/links.h"
#include "engine/files/nowait_files.h"
#include "engine/files/open_files.h"
#include "engine/options/open_request.h"
#include "engine/options/options.h"
#include "engine/readers/reader.h"
#include "engine/replica/replica.h"
#include "engine/store/healer.h"
#include "engine/store/idle_compactions.h"
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

struct HeldState {
  std::shared_ptr<const ReaderView> view;
  HeldFiles files;
  std::set<std::string> tables;  // the names of its tables and blobs; others may be held, too
};

class Store {
 public:
  // Opens `request.path`, which must be canonical. May take long: never on a JavaScript thread.
  static Result<std::shared_ptr<Store>> Open(const OpenRequest& request);

  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  // Writes what is queued, ends the threads, closes RocksDB. No session may use the store after
  // that.
  Error Close();

  // Null for a reader, which has views.
  rocksdb::DB* db() const { return db_.get(); }
  // A reader's newest view; null for a writer. Any thread.
  std::shared_ptr<const ReaderView> view() const;
  // Reads what the primary has written until now. May take long.
  Result<std::shared_ptr<const ReaderView>> CatchUp();
  // Of a reader: the state that is on the disk now, with all of its files. May take long.
  Result<HeldState> HoldState();
  // Whether something was written without the WAL.
  bool unlogged() const { return unlogged_.load(std::memory_order_acquire); }
  const std::string& path() const { return request_.path; }
  bool in_memory() const { return request_.in_memory; }
  Mode mode() const { return request_.mode; }
  const Recovery& recovery() const { return recovery_; }
  // Foreign files in its directory, for a warning.
  const std::vector<std::string>& strangers() const { return strangers_; }
  Executor& executor() { return *executor_; }
  CommitQueue& commits() { return *commits_; }
  HealthListener& health() { return *health_; }
  const HealthListener& health() const { return *health_; }
  Events& events() { return *events_; }
  const WalWatch& wal() const { return wal_; }
  // Sets how many files may be kept open: a share of `budget`, which the databases of the process
  // divide among them, or `files` if that is 0. Returns how many it may keep open now.
  int64_t ShareOpenFiles(uint64_t budget, int64_t files) {
    return open_files_ ? OpenFiles::Get().Change(*open_files_, budget, files) : files;
  }
  SharedObjects& shared() { return builder_.shared(); }
  Reapplier& reapplier() { return *reapplier_; }

  // Writes a batch in wire format on this thread. May move from the string. `parts` are the sizes
  // of the batches it was merged from if somebody records them.
  Error Write(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts = {});
  // Like Write. Returns false, with nothing done, if the gate is closed.
  bool TryWrite(std::string* batch, uint32_t flags, Error* error);
  // Makes each write whose condition holds, with nobody else writing; returns how each ended.
  std::vector<Error> WriteChecked(const std::vector<CheckedWrite*>& writes, uint32_t flags);
  // Makes one such write on a JavaScript thread. Returns false, with nothing done, if it would have
  // to wait.
  bool TryWriteChecked(CheckedWrite* write, uint32_t flags, Error* error);
  // Whether a write on a JavaScript thread would keep the order and wait for nobody's fsync.
  bool MayWriteInline() const {
    return commits_->idle() && slow_writes_.load(std::memory_order_acquire) == 0;
  }

  Transactions& transactions() { return transactions_; }
  Changes& changes() { return changes_; }
  const Changes& changes() const { return changes_; }

  // Measures commits from now on, until the recorder is removed. Removing ignores null.
  void AddRecorder(std::shared_ptr<Recorder> recorder);
  void RemoveRecorder(const std::shared_ptr<Recorder>& recorder);
  // Counts of what its sessions have open.
  ResourceCounts& resource_counts() { return resource_counts_; }

  // Ends the read-only state after a background error whose cause is gone.
  Error Resume();

  // A replica's queue, which takes all writes (store_replica.cc); null for a plain database.
  Replica* replica() const { return replica_.get(); }

  // Whether it has, or had, a family whose rows expire.
  bool expires() const { return expires_.load(std::memory_order_relaxed); }

  // Null if no live family has this id.
  std::shared_ptr<Family> FindFamily(uint32_t id) const;
  std::shared_ptr<Family> FindNamed(const std::string& name) const;
  std::vector<std::pair<std::string, uint32_t>> Families() const;
  // As the history of changes records them.
  std::vector<FamilyRecord> FamilyRecords() const;
  // Null options mean the defaults of the open request.
  Result<uint32_t> CreateFamily(const std::string& name, const FamilyOptionMaps* options);
  Error DropFamily(uint32_t id);
  std::vector<std::shared_ptr<Family>> AllFamilies() const;
  // Those that users see.
  std::vector<std::shared_ptr<Family>> ListedFamilies() const;
  bool IsListed(const Family& family) const;
  // While this is held no family comes or goes. Take it before the gate is closed.
  std::unique_lock<std::mutex> HoldFamilies() {
    return std::unique_lock<std::mutex>(family_changes_);
  }

  // Creates the families that only `request` names. Fails if `request` differs from the options
  // this store was opened with.
  Error Join(const OpenRequest& request);

 private:
  class Host;

  explicit Store(const OpenRequest& request);

  // Call inside the gate, or with it closed.
  // `alone`: with the gate closed. `known`: its keys are in the window already.
  Error WriteInside(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                    bool alone, bool known = false);
  Error Failed(const rocksdb::Status& status, const std::string& batch);
  Error WriteOneChecked(CheckedWrite* write, uint32_t flags, bool nowait, bool* waits);
  Error WhileResuming() const;
  static Error AfterThrownWrite();
  // Checks the directory before anything is written to it.
  Error Examine();
  // Creates and locks a WAL folder outside the database's directory.
  Error TakeWalDir();
  // Marks the WAL folder as this database's, and starts the footprint.
  void Mark();
  void HoldWrites(bool hold);
  // Whether batches may name the family. Waits for writes in progress.
  void SetLive(const std::shared_ptr<Family>& family, bool live);
  void LeaveOpenFiles();
  Error Lock();
  Error OpenDb();
  Error OpenReader(const rocksdb::DBOptions& options);
  Error DescribeReader(const rocksdb::DBOptions& options,
                       std::vector<rocksdb::ColumnFamilyDescriptor>* families);
  Error LookAgain(const std::vector<std::string>& names);
  void NoteDescribed(const Survey& survey);
  Error FollowOnce();
  // The differences between the request's options and this store's, and the families that only the
  // request names.
  void Compare(const OpenRequest& request, std::vector<std::string>* differences,
               std::vector<const FamilyRequest*>* missing) const;
  Error Persist();
  Error Describe(const rocksdb::DBOptions& options,
                 std::vector<rocksdb::ColumnFamilyDescriptor>* families);
  Error PrepareOptions(rocksdb::DBOptions* options);
  // Of a replica (store_replica.cc).
  static rocksdb::ColumnFamilyOptions HiddenOptions();
  Error CheckAccess(bool hidden) const;
  Error StartReplica();
  Error CheckJoin(const OpenRequest& request) const;
  Error WriteOf(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                bool known);
  Result<uint32_t> ProposeFamily(const std::string& name, const FamilyOptionMaps& maps,
                                 const std::string& nature);
  Error MakeLogged(const std::string& name, const std::string& nature);
  // Make and drop a family at once.
  Result<uint32_t> MakeNow(const std::string& name, const FamilyOptionMaps& maps,
                           const rocksdb::ColumnFamilyOptions& options);
  Error DropNow(const std::shared_ptr<Family>& family);
  Error RetainWal(rocksdb::DBOptions* options);
  // Builds a family's options, with the merge operator that it was written with.
  Error BuildFamily(const std::string& name, const FamilyOptionMaps& maps,
                    const rocksdb::DBOptions& db, rocksdb::ColumnFamilyOptions* options) const;
  // Compares the options of an open family with those requested. Call under families_mutex_.
  void CompareFamily(const FamilyRequest& asked, std::vector<std::string>* differences) const;
  void Adopt(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  void Add(rocksdb::ColumnFamilyHandle* handle);
  const FamilyOptionMaps& OptionsOf(const std::string& name) const;

  OpenRequest request_;
  std::map<std::string, FamilyOptionMaps> named_options_;  // by family; others have the defaults
  std::vector<std::string> strangers_;
  bool ours_ = false;               // nobody but this package has ever written to it
  Operators adopted_;               // merge operators of the families that existed; by name
  ExpiryFactories adopted_expiry_;  // of those that expire
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
  std::shared_ptr<DirectoryLock> lock_;  // before db_, which must close while the lock is held
  DirectoryLock wal_lock_;
  std::unique_ptr<rocksdb::DB> db_;
  std::optional<OpenFiles::Handle> open_files_;

  std::mutex join_mutex_;
  std::mutex family_changes_;  // one family is created or dropped at a time
  // A family never goes away under a batch: families_ changes only with the gate closed, and under
  // families_mutex_ for the sake of lookups.
  WriteGate gate_;
  mutable std::shared_mutex families_mutex_;
  std::vector<std::shared_ptr<Family>> families_;  // by id; null where there is none
  std::shared_ptr<const ReaderView> view_;
  std::unique_ptr<Reader> reader_;
  // Of a reader, under join_mutex_: which families the OPTIONS file of this number describes, and
  // whether there are others.
  std::set<std::string> described_;
  uint64_t options_number_ = 0;
  bool awaits_options_ = false;

  std::atomic<int> slow_writes_{0};
  // Set while the gate is closed.
  std::atomic<bool> resuming_{false};
  Healer healer_;
  IdleCompactions idle_compactions_;
  // A write has thrown: RocksDB may make the next writer wait forever.
  std::atomic<bool> write_thrown_{false};
  std::atomic<bool> expires_{false};
  std::atomic<bool> unlogged_{false};  // something was written without the WAL
  Transactions transactions_{&gate_};
  Changes changes_{&gate_};
  std::map<std::string, FamilyOptionMaps> proposed_options_;  // under families_mutex_
  std::shared_ptr<ReplicaHost> replica_host_;
  std::unique_ptr<Replica> replica_;
  // Declared after what their jobs use, so that they end first.
  std::unique_ptr<CommitQueue> commits_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace rocksdb_live
