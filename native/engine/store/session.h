// One opening of a store by one JavaScript environment, and everything that must end before it
// does.
//
// Everything not marked otherwise is called on the environment's own thread only, so that
// synchronous work needs no lock: close is asked for on that thread, too. Work on other threads
// holds a lease.
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

// Keeps the session from closing while it is held. Any thread may let go of it.
using Lease = std::shared_ptr<void>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  // Opens the store or joins it where this process has it open. Takes its time: not for a
  // JavaScript thread.
  static Result<std::shared_ptr<Session>> Open(const OpenRequest& request);

  explicit Session(std::shared_ptr<Store> store);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  // Closes what nobody closed; takes its time then.
  ~Session();

  bool open() const { return open_; }
  Store& store() const { return *store_; }
  // For the engine alone.
  rocksdb::DB* db() const { return view_ ? view_->db() : store_->db(); }
  // What a reader reads until it adopts another one; null to who writes.
  const std::shared_ptr<const ReaderView>& view() const { return view_; }
  // From now on reads this. Cursors and snapshots stay with what they were opened on.
  void Adopt(std::shared_ptr<const ReaderView> view);
  // Only while open.
  Lease TakeLease();
  // Set when closing begins; long work looks at it and ends early. Any thread.
  std::atomic<bool>* canceled() { return &canceled_; }

  // Those that live, as this session sees them.
  std::vector<std::shared_ptr<Family>> AllFamilies() const;
  // Null with kDropped for a family that was dropped or never was.
  const std::shared_ptr<Family>& FindFamily(uint32_t id, Error* error) {
    const bool seen = id < families_.size() && families_[id] && !families_[id]->dropped();
    return seen ? families_[id] : LookUpFamily(id, error);
  }
  // The family as it was when the snapshot was taken; 0 is no snapshot.
  const std::shared_ptr<Family>& FindFamily(uint32_t id, uint32_t snapshot, Error* error) {
    return snapshot == 0 || !view_ ? FindFamily(id, error) : FamilyAt(id, snapshot, error);
  }

  // What JavaScript holds by numbers.
  ResourceTable& resources() { return resources_; }
  uint32_t TakeSnapshot();

  // Point reads (session_reads.cc). What was found is in reads().value() until that is released.
  PointReads& reads() { return reads_; }
  // May wait for a disk, where the flags do not say otherwise.
  Result<Answer> Read(const PointRead& read);
  // What memory and the system's page cache answer. QueueRead is for what they do not.
  Result<Answer> TryRead(PointRead read);
  Error QueueRead(uint32_t id, const PointRead& read, Deadline deadline);
  // Hands what is queued to the pool, as a job or two; `done` is called once for each, there.
  void SubmitReads(const std::function<void(ReadResults)>& done);
  // Reads many keys into many(), which the caller clears.
  Error ReadMany(const ManyRequest& request, std::string_view packed);
  ManyRead& many() { return many_; }
  Result<ManyJob> PrepareMany(const ManyRequest& request, std::string_view packed,
                              Deadline deadline);

  // Cursors (session_cursors.cc). Opens one and packs the first rows; a page of no rows touches no
  // disk.
  CursorRows OpenCursor(ScanRequest request, const Page& page);
  CursorRows NextRows(uint32_t cursor, const Page& page);
  // The same on a thread of the pool, where `done` is called. The cursor is the job's until it is
  // taken back, here, with what became of it; that returns its number, or 0 where it has ended.
  Error NextRowsElsewhere(uint32_t cursor, const Page& page,
                          std::function<void(const PageResult&)> done);
  uint32_t TakeBackCursor(uint32_t cursor, const PageResult& page);
  Error Seek(uint32_t cursor, std::string_view key);
  // What CountRange counts.
  Result<Cursor::Config> PrepareCount(ScanRequest request);

  // Writes (session_writes.cc). True where the batch is written; false where it is queued, and
  // `sink` hears of `id`.
  Result<bool> Commit(std::string_view batch, uint32_t flags, uint32_t id,
                      const std::shared_ptr<CommitSink>& sink);
  // Waits for what is queued and for the write.
  Error CommitNow(std::string_view batch, uint32_t flags);
  // Queues the deletion of a range; `done` is called on another thread.
  Error Clear(const ScanRequest& request, std::function<void(const Error&)> done);

  // Transactions (session_transactions.cc), by their numbers. One that has not started yet refuses
  // whatever asks for where it stands.
  Result<BegunTransaction> BeginTransaction(Isolation isolation);
  // True where it has started; false where that has to wait for writers, which StartElsewhere does.
  Result<bool> TryStart(uint32_t transaction);
  Error StartNow(uint32_t transaction);
  // `done` is told the attempt that it has begun.
  Error StartElsewhere(uint32_t transaction,
                       std::function<void(uint32_t attempt, const Error&)> done);
  // What StartElsewhere has brought is the transaction's from now on, where that attempt of it
  // needs it still.
  void TakeStart(uint32_t transaction, uint32_t attempt);
  // Begins anew after a conflict: where that was of a key, behind those who came before for the
  // same one. A null `done` does not wait.
  Result<Turn> Retry(uint32_t transaction, std::function<void(const Error&)> done);
  Error AppendTo(uint32_t transaction, std::string_view batch);
  Error RollBackTo(uint32_t transaction, size_t bytes, uint32_t count);
  Error NoteRange(uint32_t transaction, uint32_t family, const Range& range);
  // Locks a key: 0 where it has the lock, else the ticket of a wait, which `done` ends. A null
  // `done` does not wait.
  Result<uint64_t> Lock(uint32_t transaction, uint32_t family, std::string_view key,
                        std::function<void(const Error&)> done);
  void CancelLock(uint64_t ticket);
  // Once it has the lock: what it reads of the key from now on is the newest. Not where rows of an
  // older view are still to come (`may_renew`).
  Error ReadLocked(uint32_t transaction, uint32_t family, std::string_view key, bool may_renew);
  // True where it is committed, and has ended; false where it is queued, and `done` will say so.
  // Where that fails it has not ended: Retry or EndTransaction does that.
  Result<bool> CommitTransaction(uint32_t transaction, std::string_view rest, uint32_t flags,
                                 std::function<void(const Error&)> done);
  Error CommitTransactionNow(uint32_t transaction, std::string_view rest, uint32_t flags);
  // Rolls back, where it was not committed. Numbers of none are ignored.
  void EndTransaction(uint32_t transaction);
  // A write beside comparisons; what it says is whether they held. Nothing where it is queued.
  using Compared = std::function<void(const Result<bool>&)>;
  Result<std::optional<bool>> CompareAndCommit(const CompareRequest& request, Compared done);
  Result<bool> CompareAndCommitNow(const CompareRequest& request);

  // Measures commits and reads of this session from now on; null ends it.
  void SetRecorder(std::shared_ptr<Recorder> recorder);
  const std::shared_ptr<Recorder>& recorder() const { return recorder_; }
  // Told of events until the session closes. At most one.
  void Subscribe(std::shared_ptr<EventSink> sink);

  // Refuses new work from now on. False where that was done before.
  bool BeginClose();
  // Waits for leases, ends what is open, lets go of the store. After BeginClose; any thread.
  Error FinishClose();
  // Waits for a FinishClose elsewhere. Any thread.
  void WaitClosed();
  // All of it. Where a close is under way already, waits for its end.
  Error Close();

 private:
  void Return();
  const std::shared_ptr<Family>& LookUpFamily(uint32_t id, Error* error);
  const std::shared_ptr<Family>& FamilyAt(uint32_t id, uint32_t snapshot, Error* error);
  // Null for 0; null with kClosed for a number of none that is open.
  std::shared_ptr<Snapshot> FindSnapshot(uint32_t id, Error* error) const {
    return id == 0 ? nullptr : resources_.Find<Snapshot>(id, error);
  }
  // What reads by the number of a snapshot or a transaction go by.
  struct View {
    std::shared_ptr<Snapshot> snapshot;
    std::shared_ptr<Transaction> transaction;  // whose snapshot it is; null where it is of none
  };
  View FindView(uint32_t id, Error* error) const;
  Result<Answer> ReadIn(Transaction* transaction, const Family& family, const PointRead& read);
  Error FindCompared(std::string_view packed, std::vector<std::shared_ptr<Family>>* families);
  std::shared_ptr<Transaction> FindStarted(uint32_t transaction, Error* error) const;
  Cursor::Config Configure(ScanRequest request, Error* error);
  Error WriteNow(std::string_view batch, uint32_t flags);

  std::shared_ptr<Store> store_;
  std::shared_ptr<const ReaderView> view_;
  bool open_ = true;
  std::atomic<bool> canceled_{false};
  std::vector<std::shared_ptr<Family>> families_;  // by id, as this thread has seen them; no view's
  ResourceTable resources_;
  PointReads reads_;
  ManyRead many_;      // reused by every read of many keys
  std::string batch_;  // reused by every write
  std::shared_ptr<Recorder> recorder_;
  std::shared_ptr<EventSink> event_sink_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Of StartElsewhere, by the transaction's number and attempt.
  std::map<std::pair<uint32_t, uint32_t>, Beginning> beginnings_;
  size_t leases_ = 0;
  bool closed_ = false;
};

}  // namespace rocksdb_live
