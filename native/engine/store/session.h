// One opening of a store by one JavaScript environment, and everything that must end before it
// does.
//
// Unless marked otherwise, call on the environment's own thread only: so synchronous work needs no
// lock. This includes BeginClose. Work on other threads holds a lease.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/readers/snapshot.h"
#include "engine/reads/cursor.h"
#include "engine/reads/point_reads.h"
#include "engine/store/requests.h"
#include "engine/store/resource_table.h"
#include "engine/store/store.h"
#include "engine/transactions/checked_writes.h"
#include "engine/watch/events.h"
#include "engine/watch/recorder.h"

namespace rocksdb_live {

class Session;

// Keeps the session from closing while it is held. May be released on any thread.
using Lease = std::shared_ptr<void>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  // Opens the store, or joins it if this process has it open. May take long: never on a JavaScript
  // thread.
  static Result<std::shared_ptr<Session>> Open(const OpenRequest& request);

  explicit Session(std::shared_ptr<Store> store);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  // Closes the session if nobody has; that may take long.
  ~Session();

  bool open() const { return open_; }
  Store& store() const { return *store_; }
  // For the engine only.
  rocksdb::DB* db() const { return view_ ? view_->db() : store_->db(); }
  // The view that a reader reads until it adopts another one; null for a writer.
  const std::shared_ptr<const ReaderView>& view() const { return view_; }
  // Reads this view from now on. Open cursors and snapshots keep theirs.
  void Adopt(std::shared_ptr<const ReaderView> view);
  // Call only while the session is open.
  Lease TakeLease();
  // Set when closing begins; long work checks it and ends early. Any thread.
  std::atomic<bool>* canceled() { return &canceled_; }

  // The live families, as this session sees them.
  std::vector<std::shared_ptr<Family>> AllFamilies() const;
  // Null with kDropped if the family was dropped or never existed.
  const std::shared_ptr<Family>& FindFamily(uint32_t id, Error* error) {
    const bool seen = id < families_.size() && families_[id] && !families_[id]->dropped();
    return seen ? families_[id] : LookUpFamily(id, error);
  }
  // The family as of the snapshot; 0 means no snapshot.
  const std::shared_ptr<Family>& FindFamily(uint32_t id, uint32_t snapshot, Error* error) {
    return snapshot == 0 || !view_ ? FindFamily(id, error) : FamilyAt(id, snapshot, error);
  }

  // The resources that JavaScript holds by number.
  ResourceTable& resources() { return resources_; }
  uint32_t TakeSnapshot();

  // Point reads (session_reads.cc). The value is in reads().value() until it is released.
  PointReads& reads() { return reads_; }
  // May wait for a disk unless the flags forbid it.
  Result<Answer> Read(const PointRead& read);
  // TryRead answers from memory and the system's page cache; QueueRead queues what that could not.
  Result<Answer> TryRead(PointRead read);
  Error QueueRead(uint32_t id, const PointRead& read, Deadline deadline);
  // Hands the queued reads to the pool, as one or two jobs, each of which calls `done` once.
  void SubmitReads(const std::function<void(ReadResults)>& done);
  // Reads many keys into many(), which the caller must clear.
  Error ReadMany(const ManyRequest& request, std::string_view packed);
  ManyRead& many() { return many_; }
  Result<ManyJob> PrepareMany(const ManyRequest& request, std::string_view packed,
                              Deadline deadline);

  // Cursors (session_cursors.cc). Opens a cursor and packs its first rows; a page of zero rows
  // reads no disk.
  CursorRows OpenCursor(ScanRequest request, const Page& page);
  CursorRows NextRows(uint32_t cursor, const Page& page);
  // Like NextRows, on a thread of the pool, where `done` is called. The job owns the cursor until
  // TakeBackCursor passes its result back on this thread; that returns the cursor's number, or 0
  // once it has ended.
  Error NextRowsElsewhere(uint32_t cursor, const Page& page,
                          std::function<void(const PageResult&)> done);
  uint32_t TakeBackCursor(uint32_t cursor, const PageResult& page);
  Error Seek(uint32_t cursor, std::string_view key);
  // The config of a cursor for CountRange.
  Result<Cursor::Config> PrepareCount(ScanRequest request);

  // Writes (session_writes.cc). Returns true once the batch is written; false if it is queued, and
  // then `sink` hears how `id` ended.
  Result<bool> Commit(std::string_view batch, uint32_t flags, uint32_t id,
                      const std::shared_ptr<CommitSink>& sink);
  // Waits for the queue and for the write.
  Error CommitNow(std::string_view batch, uint32_t flags);
  // Queues the deletion of a range; `done` is called on another thread.
  Error Clear(const ScanRequest& request, std::function<void(const Error&)> done);

  // Transactions (session_transactions.cc), by their numbers. Calls that need a transaction's view
  // fail before it has started.
  Result<BegunTransaction> BeginTransaction(Isolation isolation);
  // Returns true if it has started; false if it would have to wait for writers: then call
  // StartElsewhere.
  Result<bool> TryStart(uint32_t transaction);
  Error StartNow(uint32_t transaction);
  // `done` receives the attempt that was started.
  Error StartElsewhere(uint32_t transaction,
                       std::function<void(uint32_t attempt, const Error&)> done);
  // Gives the transaction the start that StartElsewhere made, if that attempt still needs it.
  void TakeStart(uint32_t transaction, uint32_t attempt);
  // Starts over after a conflict. If the conflict was about a key, it waits in line for that key. A
  // null `done` does not wait.
  Result<Turn> Retry(uint32_t transaction, const std::function<void(const Error&)>& done);
  Error AppendTo(uint32_t transaction, std::string_view batch);
  Error RollBackTo(uint32_t transaction, size_t bytes, uint32_t count);
  Error NoteRange(uint32_t transaction, uint32_t family, const Range& range);
  // Locks a key. Returns 0 if the transaction has the lock; otherwise the ticket of a wait, which
  // ends with `done`. A null `done` does not wait.
  Result<uint64_t> Lock(uint32_t transaction, uint32_t family, std::string_view key,
                        std::function<void(const Error&)> done);
  void CancelLock(uint64_t ticket);
  // Call once it has the lock: from now on the transaction reads the newest value of the key.
  // `may_renew` is false while rows of the current view are still to be read.
  Error ReadLocked(uint32_t transaction, uint32_t family, std::string_view key, bool may_renew);
  // Returns true if it is committed and has ended; false if it is queued, and then `done` is
  // called. After a failed commit, call Retry or EndTransaction.
  Result<bool> CommitTransaction(uint32_t transaction, std::string_view rest, uint32_t flags,
                                 std::function<void(const Error&)> done);
  Error CommitTransactionNow(uint32_t transaction, std::string_view rest, uint32_t flags);
  // Rolls back unless it was committed. Ignores unknown numbers.
  void EndTransaction(uint32_t transaction);
  // A write with comparisons; the result says whether they held. Returns nothing if it is queued.
  using Compared = std::function<void(const Result<bool>&)>;
  Result<std::optional<bool>> CompareAndCommit(const CompareRequest& request, Compared done);
  Result<bool> CompareAndCommitNow(const CompareRequest& request);

  // Changes (session_changes.cc). May take long: on other threads, with a lease.
  // `operation` is the number by which TakeFeed, on this thread, gets what was opened.
  Error OpenFeed(uint32_t operation, const FeedRequest& request);
  std::optional<OpenedFeed> TakeFeed(uint32_t operation);
  // Reads a feed's next commits; returns nothing if `done` will be told. `done` may come on any
  // thread, also with an empty page, which means to read again. Call FeedIsIdle after it.
  using PageRead = std::function<void(Result<std::string>)>;
  Result<std::optional<std::string>> ReadFeed(uint32_t feed, size_t most_bytes, PageRead done);
  void FeedIsIdle(uint32_t feed) { resources_.SetBusy(feed, false); }
  // Ends the wait of a read.
  void CancelFeed(uint32_t feed);

  // What a job has made, which ends with the session unless TakeKept, on this thread, takes it.
  // Keep may be called on any thread, with a lease.
  void Keep(uint32_t operation, std::shared_ptr<void> made);
  template <typename T>
  std::shared_ptr<T> TakeKept(uint32_t operation) {
    return std::static_pointer_cast<T>(TakeKeptOf(operation));
  }

  // Measures this session's commits and reads from now on; null ends that.
  void SetRecorder(std::shared_ptr<Recorder> recorder);
  const std::shared_ptr<Recorder>& recorder() const { return recorder_; }
  // `sink` hears of events until the session closes. At most one.
  void Subscribe(std::shared_ptr<EventSink> sink);

  // The replica that this session owns; null with kNotSupported if it owns none.
  Replica* FindReplica(Error* error) const;
  // Ends it: what only this session's thread could put into the log fails. Waits for nothing.
  void EndReplica();
  // Whether the writes of this session wait for `owner`. Both must be open.
  bool IsPublishedBy(const Session& owner) const { return owner.owner_ && owner.store_ == store_; }

  // Refuses new work from now on. Returns false if this was already done.
  bool BeginClose();
  // Waits for leases, ends what is open, releases the store. Call after BeginClose; any thread.
  Error FinishClose();
  // Waits for a FinishClose on another thread. Any thread.
  void WaitClosed();
  // BeginClose and FinishClose. Waits if a close is already in progress.
  Error Close();

 private:
  std::shared_ptr<void> TakeKeptOf(uint32_t operation);
  void Return();
  const std::shared_ptr<Family>& LookUpFamily(uint32_t id, Error* error);
  const std::shared_ptr<Family>& FamilyAt(uint32_t id, uint32_t snapshot, Error* error);
  // Null for 0; null with kClosed if no snapshot with this number is open.
  std::shared_ptr<Snapshot> FindSnapshot(uint32_t id, Error* error) const {
    return id == 0 ? nullptr : resources_.Find<Snapshot>(id, error);
  }
  // What the number of a snapshot or a transaction stands for in a read.
  struct View {
    std::shared_ptr<Snapshot> snapshot;
    std::shared_ptr<Transaction> transaction;  // the transaction that owns the snapshot, or null
  };
  View FindView(uint32_t id, Error* error) const;
  Result<Answer> ReadIn(Transaction* transaction, const Family& family, const PointRead& read);
  // Refuses the commit of a transaction that is too old for what it has used.
  Error CheckAge(Transaction* transaction);
  Error FindCompared(std::string_view packed, std::vector<std::shared_ptr<Family>>* families);
  std::shared_ptr<Transaction> FindStarted(uint32_t transaction, Error* error) const;
  Cursor::Config Configure(ScanRequest request, Error* error);
  Error WriteNow(std::string_view batch, uint32_t flags);
  // The error of a replica's synchronous writes.
  static Error NoneAtOnce();

  std::shared_ptr<Store> store_;
  std::shared_ptr<const ReaderView> view_;
  bool open_ = true;
  bool owner_ = false;  // of a replica
  std::atomic<bool> canceled_{false};
  // By id, as this thread last saw them; never a view's.
  std::vector<std::shared_ptr<Family>> families_;
  ResourceTable resources_;
  PointReads reads_;
  ManyRead many_;      // reused by every read of many keys
  std::string batch_;  // reused by every write
  std::shared_ptr<Recorder> recorder_;
  std::shared_ptr<EventSink> event_sink_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Made by StartElsewhere; by the transaction's number and attempt.
  std::map<std::pair<uint32_t, uint32_t>, Beginning> beginnings_;
  // Made by OpenFeed; by operation. They end with the session if nobody takes them.
  std::map<uint32_t, OpenedFeed> opened_feeds_;
  std::map<uint32_t, std::shared_ptr<void>> kept_;
  size_t leases_ = 0;
  bool closed_ = false;
};

}  // namespace rocksdb_live
