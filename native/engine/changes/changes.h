// The change feed of one database: what was committed, in order and without a hole, or an error
// that says that there is one.
//
// A reader gets commits from the ring; what is older, from the WAL; and what is older than that is
// a gap. Nothing here makes a writer wait, but for the moments in which the gate is closed: when a
// reader comes, and when a family comes or goes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/result.h"
#include "engine/changes/feed.h"
#include "engine/changes/history.h"
#include "engine/changes/page.h"
#include "engine/changes/ring.h"
#include "engine/readers/reader_view.h"
#include "engine/readers/snapshot.h"
#include "engine/writes/write_gate.h"
#include "rocksdb/db.h"

namespace rocksdb_live {

struct OpenedFeed {
  std::shared_ptr<ChangeFeed> feed;
  std::shared_ptr<Snapshot> snapshot;  // null unless asked for
  std::string epoch;                   // of the history, in hexadecimal
  std::string token;                   // where it begins
  uint64_t sequence = 0;               // the last one before that
  uint64_t latest = 0;                 // the last one that was committed when it was opened
  std::vector<FamilyRecord> families;  // the last record of each
};

// A place in the history, for whoever copies the files of that moment.
struct Moment {
  std::string epoch;      // hexadecimal; empty if there is no history
  std::string token;      // of what comes next; empty if there is no history
  uint64_t sequence = 0;  // the last one
};

// Of a database that somebody else writes.
Moment ReadMoment(const std::string& directory, uint64_t sequence);

struct FeedRequest {
  std::string after;  // "now", "oldest", or a token
  bool snapshot = false;
  bool durable = false;
};

struct NamedPlace {
  std::string name;
  std::string token;
  Place place;
  uint64_t lag_bytes = 0;
  double age_seconds = 0;
};

// Any thread, unless said otherwise.
class Changes {
 public:
  explicit Changes(WriteGate* gate) : gate_(gate) {}
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;
  ~Changes() { Stop(); }

  // Reads the history, before the database is opened. `directory` is empty for one in memory.
  // `retain_bytes` of WAL are kept for readers without a name.
  void Load(const std::string& directory, uint64_t retain_bytes);
  // Whether WAL files must be archived. Known after Load.
  bool retains() const { return retains_; }
  // Begins an incarnation. Before the first write. `families` are those that live.
  Error Start(rocksdb::DB* db, std::vector<FamilyRecord> families);
  // A secondary's next view: who reads there goes on with what its WAL has more. It records
  // nothing, and knows what the writer has recorded.
  void Follow(const std::string& directory, const std::shared_ptr<const ReaderView>& view);
  // Before the database is closed. Feeds must have ended.
  void Stop();

  ChangeRing& ring() { return ring_; }
  // A write has failed, and what is there of it is not known.
  void MarkUncertain() { uncertain_.store(true, std::memory_order_release); }
  // Whether the next write that succeeds must be alone, and be passed to Settle.
  bool uncertain() const { return uncertain_.load(std::memory_order_acquire); }
  // A write has succeeded after one that was uncertain: it begins an incarnation. `from` is what
  // was to be the next sequence number, `first` the one that it got. With the gate closed, and
  // before it is added to the ring.
  void Settle(uint64_t from, uint64_t first);
  // A family was created or dropped. With the gate closed.
  void OnFamily(FamilyRecord record);

  Result<OpenedFeed> Open(const FeedRequest& request);
  // Calls `look` while nobody writes. Of a writer.
  Result<Moment> AtRest(const std::function<Error()>& look);
  enum class Step { kPage, kTail, kElsewhere };
  // Reads what is in memory. kElsewhere: call Read on a thread that may wait.
  Result<Step> TryRead(ChangeFeed* feed, ChangePage* page);
  // Returns kTail if there is nothing to be read yet.
  Result<Step> Read(ChangeFeed* feed, ChangePage* page);
  std::string TokenOf(const Position& position) const;

  Error Retain(const std::string& name, const std::string& after, uint64_t most_bytes,
               uint64_t most_age_ms);
  Result<bool> Release(const std::string& name);
  std::vector<NamedPlace> Places();
  // Names the places that were lost; empty if none was. Waits for nobody's fsync.
  std::string LostText() const;

 private:
  // Keeps it open for as long as somebody uses it.
  std::shared_ptr<rocksdb::DB> Db() const;
  Result<OpenedFeed> Join(const FeedRequest& request);
  // Makes sure that there is a history, and that it is saved.
  Error Prepare();
  // Of a secondary, both under mutex_: reads what the writer has recorded meanwhile, and whether a
  // feed can be had.
  void ReadAgain();
  Error CheckFollowed(bool durable);
  Error Save();                                                         // under mutex_
  Result<Position> Resolve(const std::string& after, uint64_t latest);  // under mutex_
  // Moves on to the next incarnation and past family records. Under mutex_. Sets `stop` to where
  // the commits end that may be read now. Fails if what the feed has read was lost.
  Error Advance(ChangeFeed* feed, ChangePage* page, uint64_t* stop);
  Error FromRing(const std::vector<std::shared_ptr<const CommittedBatch>>& commits,
                 ChangeFeed* feed, ChangePage* page) const;
  Error FromWal(ChangeFeed* feed, ChangePage* page, uint64_t stop);
  // Adds what the iterator has, up to `stop`.
  Error DrainWal(ChangeFeed* feed, ChangePage* page, uint64_t stop);
  Error Gap(uint64_t wanted) const;
  Result<uint64_t> OldestInWal() const;
  struct Segment;
  bool StartsAreInOrder() const;
  Result<std::vector<Segment>> Segments() const;
  void NoteLost();  // under mutex_
  bool IsGone(const Place& place, const std::vector<Segment>& segments,
              uint64_t latest) const;  // under mutex_
  void Measure(const std::vector<Segment>& segments, NamedPlace* named) const;
  // Loses places beyond their bounds, then deletes what nobody needs.
  void Trim();
  void Keep();

  WriteGate* const gate_;
  ChangeRing ring_;
  mutable std::mutex db_mutex_;  // after all others
  std::shared_ptr<rocksdb::DB> db_;
  std::shared_ptr<const ReaderView> view_;  // a secondary's newest
  std::string directory_;
  uint64_t retain_bytes_ = 0;
  bool retains_ = false;
  std::atomic<bool> uncertain_{false};

  // After the gate, where both are held.
  mutable std::mutex mutex_;
  History history_;
  std::vector<FamilyRecord> live_;       // when it was opened
  std::vector<Incarnation> unrecorded_;  // that have begun while there was no history
  bool unsaved_ = false;

  mutable std::mutex lost_mutex_;
  std::string lost_text_;

  std::mutex keeper_mutex_;
  std::condition_variable keeper_changed_;
  std::thread keeper_;
  bool trim_ = false;
  bool stopping_ = false;
};

}  // namespace rocksdb_live
