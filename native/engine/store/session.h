// One opening of a store by one JavaScript environment, and everything that must end before it
// does.
//
// Everything not marked otherwise is called on the environment's own thread only, so that
// synchronous work needs no lock: close is asked for on that thread, too. Work on other threads
// holds a lease.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/readers/snapshot.h"
#include "engine/reads/cursor.h"
#include "engine/store/store.h"
#include "engine/watch/events.h"
#include "engine/watch/recorder.h"

namespace rocksdb_live {

class Session;

// Keeps the session from closing while it is held. Any thread may let go of it.
using Lease = std::shared_ptr<void>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  // `first_id` is for tests of what happens after all ids were given.
  explicit Session(std::shared_ptr<Store> store, uint32_t first_id = 1)
      : store_(std::move(store)), view_(store_->view()), next_id_(first_id) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  // Closes what nobody closed; takes its time then.
  ~Session();

  bool open() const { return open_; }
  Store& store() const { return *store_; }
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
  // Null for a family that was dropped or never was.
  const std::shared_ptr<Family>& FindFamily(uint32_t id);

  uint32_t AddSnapshot();
  // Null with `*known` false for a number that is not open; 0 is no snapshot.
  std::shared_ptr<Snapshot> FindSnapshot(uint32_t id, bool* known) const;
  void ReleaseSnapshot(uint32_t id) { snapshots_.erase(id); }

  struct CursorSlot {
    std::shared_ptr<Cursor> cursor;
    bool busy = false;  // a job has it
  };
  uint32_t AddCursor(std::shared_ptr<Cursor> cursor);
  CursorSlot* FindCursor(uint32_t id);
  void RemoveCursor(uint32_t id);

  // Measures commits and reads of this session from now on; null ends it.
  void SetRecorder(std::shared_ptr<Recorder> recorder);
  const std::shared_ptr<Recorder>& recorder() const { return recorder_; }
  ReadSampler& read_sampler() { return read_sampler_; }
  // Told of events until the session closes. At most one.
  void Subscribe(std::shared_ptr<EventSink> sink);

  // Refuses new work from now on. False where that was done before.
  bool BeginClose();
  // Waits for leases, ends cursors and snapshots, lets go of the store. After BeginClose; any
  // thread.
  Error FinishClose();
  // Waits for a FinishClose elsewhere. Any thread.
  void WaitClosed();

 private:
  void Return();
  // Of no cursor or snapshot that is there, and not 0, which says that there is none.
  uint32_t NextId();

  std::shared_ptr<Store> store_;
  std::shared_ptr<const ReaderView> view_;
  bool open_ = true;
  std::atomic<bool> canceled_{false};
  std::vector<std::shared_ptr<Family>> families_;  // by id, as this thread has seen them
  uint32_t next_id_;
  std::unordered_map<uint32_t, std::shared_ptr<Snapshot>> snapshots_;
  std::unordered_map<uint32_t, CursorSlot> cursors_;
  std::shared_ptr<Recorder> recorder_;
  ReadSampler read_sampler_;
  std::shared_ptr<EventSink> event_sink_;

  std::mutex mutex_;
  std::condition_variable changed_;
  size_t leases_ = 0;
  bool closed_ = false;
};

}  // namespace rocksdb_live
