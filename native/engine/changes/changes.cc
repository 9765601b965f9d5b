#include "engine/changes/changes.h"

#include <algorithm>
#include <limits>
#include <map>

#include "engine/changes/dropped_wal.h"
#include "engine/writes/batch_check.h"
#include "rocksdb/write_batch.h"

namespace rocksdb_live {
namespace {

constexpr uint64_t kNoEnd = std::numeric_limits<uint64_t>::max();

Error OtherEpoch(const std::string& why) {
  return Error(Code::kChangesEpoch,
               "the token " + why +
                   ": what was read until then may differ from what this database has; read "
                   "everything anew, and then changes after 'now'");
}

// The last record of each family.
std::vector<FamilyRecord> LastOf(const std::vector<FamilyRecord>& records) {
  std::map<uint32_t, FamilyRecord> last;
  for (const FamilyRecord& each : records) last[each.id] = each;
  std::vector<FamilyRecord> all;
  all.reserve(last.size());
  for (auto& [id, record] : last) all.push_back(std::move(record));
  return all;
}

// Records what changed while nobody recorded it.
void Reconcile(const std::vector<FamilyRecord>& live, uint64_t next,
               std::vector<FamilyRecord>* records) {
  std::map<uint32_t, FamilyRecord> made;
  for (const FamilyRecord& each : live) made[each.id] = each;
  for (FamilyRecord& each : LastOf(*records)) {
    if (each.kind == FamilyRecord::Kind::kDropped || made.erase(each.id) != 0) continue;
    each.kind = FamilyRecord::Kind::kDropped;
    each.sequence = next;
    records->push_back(std::move(each));
  }
  for (auto& [id, record] : made) {
    record.kind = FamilyRecord::Kind::kCreated;
    record.sequence = next;
    records->push_back(std::move(record));
  }
}

Moment MomentOf(const History& history, uint64_t sequence) {
  Moment moment;
  moment.sequence = sequence;
  if (!history.exists()) return moment;
  Position position;
  position.next = sequence + 1;
  position.incarnation = history.IncarnationOf(position.next);
  position.families = history.FamiliesBefore(position.next);
  moment.epoch = HexOf(history.epoch);
  moment.token = EncodeToken(history.epoch, position);
  return moment;
}

}  // namespace

Moment ReadMoment(const std::string& directory, uint64_t sequence) {
  return MomentOf(ReadHistory(directory), sequence);
}

void Changes::Load(const std::string& directory, uint64_t retain_bytes) {
  directory_ = directory;
  retain_bytes_ = retain_bytes;
  if (!directory.empty()) history_ = ReadHistory(directory);
  retains_ = retain_bytes != 0 || !history_.places.empty();
}

std::shared_ptr<rocksdb::DB> Changes::Db() const {
  std::lock_guard<std::mutex> lock(db_mutex_);
  return db_;
}

void Changes::Follow(const std::string& directory, const std::shared_ptr<const ReaderView>& view) {
  std::lock_guard<std::mutex> lock(mutex_);
  directory_ = directory;
  {
    std::lock_guard<std::mutex> db_lock(db_mutex_);
    db_ = std::shared_ptr<rocksdb::DB>(view, view->db());
  }
  view_ = view;
  if (!ring_.active()) return;
  // After the view was taken: whatever its WAL has was recorded before.
  ReadAgain();
  ring_.Restart(view->db()->GetLatestSequenceNumber() + 1);
}

void Changes::ReadAgain() { history_ = ReadHistory(directory_); }

Error Changes::Start(rocksdb::DB* db, std::vector<FamilyRecord> families) {
  db_ = std::shared_ptr<rocksdb::DB>(std::shared_ptr<void>(), db);
  if (history_.exists() || retains_) DeleteDroppedWal(db);
  live_ = std::move(families);
  Error error;
  if (history_.exists()) {
    const uint64_t next = db->GetLatestSequenceNumber() + 1;
    history_.BeginIncarnation(next, next);
    Reconcile(live_, next, &history_.families);
    error = Save();
  } else if (retains_) {
    error = Prepare();
  }
  if (error.ok() && history_.exists()) keeper_ = std::thread([this] { Keep(); });
  return error;
}

void Changes::Stop() {
  {
    std::lock_guard<std::mutex> lock(keeper_mutex_);
    stopping_ = true;
  }
  keeper_changed_.notify_all();
  if (keeper_.joinable()) keeper_.join();
  ring_.Stop();
}

Error Changes::Save() {
  NoteLost();
  if (directory_.empty()) return Error();
  Error error = WriteHistory(directory_, history_);
  unsaved_ = !error.ok();
  return error;
}

Error Changes::Prepare() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (view_) return Error();
    if (history_.exists()) return unsaved_ ? Save() : Error();
  }
  const GateClosed closed(gate_);
  std::lock_guard<std::mutex> lock(mutex_);
  if (history_.exists()) return unsaved_ ? Save() : Error();
  history_ = NewHistory();
  history_.families = live_;
  for (const Incarnation& each : unrecorded_) history_.BeginIncarnation(each.from, each.first);
  Error error = Save();
  if (!error.ok()) history_ = History();
  return error;
}

void Changes::Settle(uint64_t from, uint64_t first) {
  std::lock_guard<std::mutex> lock(mutex_);
  uncertain_ = false;
  if (!history_.exists()) {
    unrecorded_.push_back({from, first});
    return;
  }
  history_.BeginIncarnation(from, first);
  ring_.Restart(first);
  static_cast<void>(Save());  // tried again before a token of it is given
}

void Changes::OnFamily(FamilyRecord record) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto same = [id = record.id](const auto& each) { return each.id == id; };
    live_.erase(std::remove_if(live_.begin(), live_.end(), same), live_.end());
    if (record.kind != FamilyRecord::Kind::kDropped) {
      live_.push_back(record);
      live_.back().kind = FamilyRecord::Kind::kKnown;
    }
    if (!history_.exists()) return;
    record.sequence = db_->GetLatestSequenceNumber() + 1;
    history_.families.push_back(std::move(record));
    // A family that is not recorded is found at the next open.
    static_cast<void>(Save());
  }
  ring_.WakeAll();
}

std::string Changes::TokenOf(const Position& position) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return EncodeToken(history_.epoch, position);
}

Error Changes::Gap(uint64_t wanted) const {
  const Result<uint64_t> oldest = OldestInWal();
  const uint64_t known = oldest.ok() ? oldest.value : Db()->GetLatestSequenceNumber() + 1;
  return Error(Code::kChangesGap,
               "changes are gone that were to be read next: their WAL was deleted, or they were "
               "written without it; read everything anew, and then changes after 'now' (wanted " +
                   std::to_string(wanted) + ", oldest " + std::to_string(known) + ")");
}

Result<Position> Changes::Resolve(const std::string& after, uint64_t latest) {
  Position position;
  if (after == "now") {
    position.incarnation = history_.last_incarnation();
    position.families = static_cast<uint32_t>(history_.families.size());
    position.next = latest + 1;
    return position;
  }
  if (after == "oldest") {
    const Result<uint64_t> oldest = OldestInWal();
    if (!oldest.ok()) return oldest.error;
    position.next = std::min(oldest.value, latest + 1);
    position.incarnation = history_.IncarnationOf(position.next);
    position.families = history_.FamiliesBefore(position.next);
    return position;
  }
  const Result<Token> token = DecodeToken(after);
  if (!token.ok()) return token.error;
  position = token.value.position;
  if (token.value.epoch != history_.epoch) {
    return OtherEpoch("is of another database, or of one that was copied or restored");
  }
  if (position.incarnation < history_.first_incarnation) return Gap(position.next);
  // A secondary may be behind the token, and waits.
  const bool future = position.incarnation > history_.last_incarnation() ||
                      position.families > history_.families.size() ||
                      (!view_ && position.next > latest + 1);
  if (future || position.next > history_.EndOf(position.incarnation)) {
    return OtherEpoch("is of commits that this database has lost");
  }
  return position;
}

Result<OpenedFeed> Changes::Open(const FeedRequest& request) {
  Error error = Prepare();
  if (!error.ok()) return error;
  Result<OpenedFeed> opened = Join(request);
  if (!opened.ok() || !request.durable) return opened;
  // Where it begins, and the rows of its snapshot, must not be lost either.
  error = Error::From(Db()->FlushWAL(!directory_.empty()));
  if (!error.ok()) return error.WithContext("syncing the WAL for durable changes");
  ring_.Synced(opened.value.latest + 1);
  return opened;
}

Result<OpenedFeed> Changes::Join(const FeedRequest& request) {
  Error error;
  OpenedFeed opened;
  const GateClosed closed(gate_);
  std::lock_guard<std::mutex> lock(mutex_);
  if (view_) error = CheckFollowed(request.durable);
  if (!error.ok()) return error;
  const std::shared_ptr<rocksdb::DB> db = Db();
  const uint64_t latest = db->GetLatestSequenceNumber();
  const Result<Position> position = Resolve(request.after, latest);
  if (!position.ok()) return position.error;
  ring_.Join(latest + 1);
  opened.latest = latest;
  opened.feed =
      std::make_shared<ChangeFeed>(&ring_, history_.epoch, position.value, request.durable);
  if (request.snapshot)
    opened.snapshot = std::make_shared<Snapshot>(db.get(), view_, HeldBy::kScan);
  opened.epoch = HexOf(history_.epoch);
  opened.token = EncodeToken(history_.epoch, position.value);
  opened.sequence = position.value.next - 1;
  opened.families = LastOf(history_.families);
  return opened;
}

Result<Moment> Changes::AtRest(const std::function<Error()>& look) {
  Error error = Prepare();
  if (!error.ok()) return error;
  const GateClosed closed(gate_);
  std::lock_guard<std::mutex> lock(mutex_);
  error = look();
  if (!error.ok()) return error;
  return MomentOf(history_, db_->GetLatestSequenceNumber());
}

Error Changes::CheckFollowed(bool durable) {
  ReadAgain();
  if (!history_.exists()) {
    return Error(
        Code::kNotSupported,
        "nobody has read changes where this database is written, so it has no history yet: "
        "open it there with changesRetainMb");
  }
  if (!durable) return Error();
  return Error(Code::kNotSupported,
               "what is synced is only known where the database is written: a secondary has no "
               "'durable' changes");
}

Error Changes::Advance(ChangeFeed* feed, ChangePage* page, uint64_t* stop) {
  Position& at = feed->at;
  const bool listed =
      at.incarnation >= history_.first_incarnation && at.incarnation <= history_.last_incarnation();
  if (feed->epoch != history_.epoch || !listed || at.next > history_.EndOf(at.incarnation)) {
    return OtherEpoch("that was reached is of commits that this database has lost");
  }
  uint64_t end = history_.EndOf(at.incarnation);
  for (;;) {
    const bool more = at.families < history_.families.size();
    const FamilyRecord* const record = more ? &history_.families[at.families] : nullptr;
    if (history_.MoveOn(&at)) {
      feed->wal.reset();
      end = history_.EndOf(at.incarnation);
    } else if (record != nullptr && record->sequence <= at.next) {
      ++at.families;
      if (record->kind != FamilyRecord::Kind::kKnown) {
        page->AddFamily(*record, at);
      }
    } else {
      *stop = std::min({end, record != nullptr ? record->sequence : kNoEnd, ring_.end()});
      if (feed->durable) *stop = std::min(*stop, ring_.synced());
      return Error();
    }
  }
}

Error Changes::FromRing(const std::vector<std::shared_ptr<const CommittedBatch>>& commits,
                        ChangeFeed* feed, ChangePage* page) const {
  for (const auto& commit : commits) {
    if (feed->durable && !commit->logged) return page->empty() ? Gap(feed->at.next) : Error();
    const rocksdb::WriteBatch batch(commit->batch);
    Error error = page->AddBatch(batch, commit->first, commit->end, commit->time_ms, &feed->at);
    if (!error.ok()) return error;
  }
  return Error();
}

Result<Changes::Step> Changes::TryRead(ChangeFeed* feed, ChangePage* page) {
  uint64_t stop = 0;
  {
    // Held while the history is written, which takes an fsync.
    const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock() || unsaved_) return Step::kElsewhere;
    Error error = Advance(feed, page, &stop);
    if (!error.ok()) return error;
  }
  std::vector<std::shared_ptr<const CommittedBatch>> commits;
  const ChangeRing::Found found = ring_.Read(feed->at.next, stop, page->room(), &commits);
  if (found == ChangeRing::Found::kBehind && page->empty()) {
    return feed->waits_behind == stop ? Step::kTail : Step::kElsewhere;
  }
  if (found == ChangeRing::Found::kCommits) {
    feed->wal.reset();
    Error error = FromRing(commits, feed, page);
    if (!error.ok()) return error;
  }
  return page->empty() ? Step::kTail : Step::kPage;
}

Result<Changes::Step> Changes::Read(ChangeFeed* feed, ChangePage* page) {
  Error error = Prepare();
  if (!error.ok()) return error;
  uint64_t stop = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    error = Advance(feed, page, &stop);
  }
  if (!error.ok()) return error;
  std::vector<std::shared_ptr<const CommittedBatch>> commits;
  const ChangeRing::Found found = ring_.Read(feed->at.next, stop, page->room(), &commits);
  if (found == ChangeRing::Found::kCommits) {
    feed->wal.reset();
    error = FromRing(commits, feed, page);
  } else if (found == ChangeRing::Found::kBehind && page->empty()) {
    error = FromWal(feed, page, stop);
  }
  if (!error.ok()) return error;
  return page->empty() ? Step::kTail : Step::kPage;
}

}  // namespace rocksdb_live
