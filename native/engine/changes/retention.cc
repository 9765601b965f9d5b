// Which WAL files are kept for whom, and for how long.
#include <algorithm>
#include <chrono>

#include "engine/base/exceptions.h"
#include "engine/base/text.h"
#include "engine/changes/changes.h"
#include "engine/changes/dropped_wal.h"
#include "rocksdb/env.h"

namespace rocksdb_live {

namespace {

// Places are also looked after when no one calls: WAL files become old.
constexpr std::chrono::seconds kPause{5};

double AgeOf(rocksdb::Env* env, const std::string& path) {
  uint64_t modified = 0;
  if (!env->GetFileModificationTime(path, &modified).ok()) return 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const double seconds = std::chrono::duration<double>(now).count() - static_cast<double>(modified);
  return std::max(seconds, 0.0);
}

}  // namespace

// A WAL file with commits.
struct Changes::Segment {
  std::string path;
  bool archived = false;
  uint64_t first = 0;
  uint64_t end = 0;  // the first sequence number of the next file
  uint64_t bytes = 0;
};

// RocksDB takes 1 for the start of a compressed file that is empty yet, and remembers that once it
// is not. So of files that seem to begin at the same place, one does not.
bool Changes::StartsAreInOrder() const {
  rocksdb::VectorWalPtr files;
  if (!Db()->GetSortedWalFiles(files).ok()) return true;
  uint64_t before = 0;
  for (const auto& file : files) {
    if (file->StartSequence() <= before) return false;
    before = file->StartSequence();
  }
  return true;
}

Result<std::vector<Changes::Segment>> Changes::Segments() const {
  rocksdb::VectorWalPtr files;
  const std::shared_ptr<rocksdb::DB> db = Db();
  const rocksdb::Status status = db->GetSortedWalFiles(files);
  if (!status.ok()) return Error::From(status).WithContext("looking for WAL files");
  const std::string where = WalDirectory(db.get());
  std::vector<Segment> segments;
  uint64_t most = 0;
  for (const auto& file : files) {
    if (file->StartSequence() == 0) continue;
    Segment segment;
    segment.path = where + file->PathName();
    segment.archived = file->Type() == rocksdb::kArchivedLogFile;
    segment.first = file->StartSequence();
    segment.bytes = file->SizeFileBytes();
    // Not the start of a later file: see above.
    if (!segments.empty() && segment.first <= most) segment.first = 0;
    most = std::max(most, segment.first);
    segments.push_back(std::move(segment));
  }
  uint64_t next = db->GetLatestSequenceNumber() + 1;
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    segment->end = next;
    if (segment->first == 0) segment->first = next;
    next = segment->first;
  }
  return segments;
}

Result<uint64_t> Changes::OldestInWal() const {
  // With manual_wal_flush, what is in memory is not in the file that RocksDB reads.
  const std::shared_ptr<rocksdb::DB> db = Db();
  db->FlushWAL(false).PermitUncheckedError();
  const Result<std::vector<Segment>> segments = Segments();
  if (!segments.ok()) return segments.error;
  const uint64_t next = db->GetLatestSequenceNumber() + 1;
  if (segments.value.empty()) return next;
  if (db->GetDBOptions().wal_compression == rocksdb::kNoCompression) {
    return segments.value.front().first;
  }
  std::unique_ptr<rocksdb::TransactionLogIterator> wal;
  const rocksdb::Status status = db->GetUpdatesSince(0, &wal);
  return status.ok() && wal->Valid() ? wal->GetBatch().sequence : next;
}

void Changes::Measure(const std::vector<Segment>& segments, NamedPlace* named) const {
  const uint64_t next = named->place.at.next;
  for (const Segment& segment : segments) {
    if (segment.end <= next) continue;
    if (named->lag_bytes == 0) named->age_seconds = AgeOf(db_->GetEnv(), segment.path);
    named->lag_bytes += segment.bytes;
  }
}

Error Changes::Retain(const std::string& name, const std::string& after, uint64_t most_bytes,
                      uint64_t most_age_ms) {
  if (!retains_) {
    return Error(Code::kNotSupported,
                 "WAL files are not kept, as the database was opened without changesRetainMb: open "
                 "it with that");
  }
  Error error = Prepare();
  if (!error.ok()) return error;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t latest = db_->GetLatestSequenceNumber();
    const Result<Position> position = Resolve(after, latest);
    if (!position.ok()) return position.error;
    const uint64_t next = history_.NextOf(position.value);
    const Result<uint64_t> oldest = OldestInWal();
    if (!oldest.ok()) return oldest.error;
    if (next <= latest && next < oldest.value) return Gap(next);
    history_.places[name] = {position.value, most_bytes, most_age_ms, false};
    error = Save();
  }
  std::lock_guard<std::mutex> lock(keeper_mutex_);
  trim_ = true;
  keeper_changed_.notify_all();
  return error;
}

Result<bool> Changes::Release(const std::string& name) {
  Error error = Prepare();
  if (!error.ok()) return error;
  std::lock_guard<std::mutex> lock(mutex_);
  const bool was_there = history_.places.erase(name) != 0;
  if (was_there) error = Save();
  if (!error.ok()) return error;
  std::lock_guard<std::mutex> keeper_lock(keeper_mutex_);
  trim_ = true;
  keeper_changed_.notify_all();
  return was_there;
}

void Changes::NoteLost() {
  std::string text;
  for (const auto& [name, place] : history_.places) {
    if (place.lost) text += (text.empty() ? "" : ", ") + EscapeForMessage(name);
  }
  if (!text.empty()) {
    text =
        "changes that were kept for these places are lost, as they were beyond their bounds or "
        "their WAL is gone: " +
        text + " (retainChanges moves a place, releaseChanges gives it up)";
  }
  std::lock_guard<std::mutex> lock(lost_mutex_);
  lost_text_ = std::move(text);
}

std::string Changes::LostText() const {
  std::lock_guard<std::mutex> lock(lost_mutex_);
  return lost_text_;
}

std::vector<NamedPlace> Changes::Places() {
  std::vector<NamedPlace> all;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [name, place] : history_.places) {
      NamedPlace named;
      named.name = name;
      named.place = place;
      named.token = EncodeToken(history_.epoch, place.at);
      all.push_back(std::move(named));
    }
  }
  if (all.empty()) return all;
  const Result<std::vector<Segment>> segments = Segments();
  if (!segments.ok()) return all;
  for (NamedPlace& named : all) Measure(segments.value, &named);
  return all;
}

bool Changes::IsGone(const Place& place, const std::vector<Segment>& segments,
                     uint64_t latest) const {
  const uint64_t next = history_.NextOf(place.at);
  if (next > latest || (!segments.empty() && next >= segments.front().first)) return false;
  // What is in memory may be what is missing.
  const Result<uint64_t> oldest = OldestInWal();
  return oldest.ok() && next < oldest.value;
}

void Changes::Trim() {
  const uint64_t latest = db_->GetLatestSequenceNumber();
  const Result<std::vector<Segment>> found = Segments();
  if (!found.ok()) return;
  const std::vector<Segment>& segments = found.value;
  uint64_t needed = latest + 1;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    bool lost = false;
    for (auto& [name, place] : history_.places) {
      if (place.lost) continue;
      NamedPlace named;
      named.place = place;
      Measure(segments, &named);
      const bool too_large = place.most_bytes != 0 && named.lag_bytes > place.most_bytes;
      const bool too_old = place.most_age_ms != 0 &&
                           named.age_seconds * 1000 > static_cast<double>(place.most_age_ms);
      const bool beyond = named.lag_bytes != 0 && (too_large || too_old);
      place.lost = beyond || IsGone(place, segments, latest);
      lost = lost || place.lost;
      if (!place.lost) needed = std::min(needed, place.at.next);
    }
    // Nothing is deleted before it is on disk that it was lost.
    if (lost && !Save().ok()) return;
  }
  // Archived for somebody else, who has RocksDB delete it by the clock.
  const rocksdb::DBOptions options = db_->GetDBOptions();
  if (!retains_ && (options.WAL_ttl_seconds != 0 || options.WAL_size_limit_MB != 0)) return;
  uint64_t kept = 0;
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    kept += segment->bytes;
    if (!segment->archived || kept <= retain_bytes_ || segment->end > needed) continue;
    db_->GetEnv()->DeleteFile(segment->path).PermitUncheckedError();
  }
}

void Changes::Keep() {
  std::unique_lock<std::mutex> lock(keeper_mutex_);
  while (!stopping_) {
    trim_ = false;
    lock.unlock();
    static_cast<void>(Caught([this] {
      Trim();
      return Error();
    }));
    lock.lock();
    keeper_changed_.wait_for(lock, kPause, [this] { return stopping_ || trim_; });
  }
}

}  // namespace rocksdb_live
