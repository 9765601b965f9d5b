#include "engine/transactions/commit_window.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "engine/writes/batch_check.h"

namespace rocksdb_live {
namespace {

using rocksdb::Slice;

constexpr size_t kChunkBytes = size_t{64} << 10;
// Writers keep recording their writes this long after the last transaction: turning tracking on
// again waits for every write in progress.
constexpr std::chrono::seconds kTrackAfter{1};

enum Tag : char { kPoint = 0, kSpan = 1, kWhole = 2 };

std::string_view View(const Slice& slice) { return {slice.data(), slice.size()}; }

void AppendNumber(std::string* to, uint32_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  to->append(bytes, sizeof bytes);
}

void AppendBytes(std::string* to, std::string_view bytes) {
  AppendNumber(to, static_cast<uint32_t>(bytes.size()));
  to->append(bytes);
}

// Reads what the functions above have written.
class Records {
 public:
  Records(const std::string& bytes, size_t from)
      : at_(bytes.data() + from), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }
  char Tag() { return *at_++; }
  uint32_t Number() {
    uint32_t number = 0;
    std::memcpy(&number, at_, sizeof number);
    at_ += sizeof number;
    return number;
  }
  std::string_view Bytes() {
    const uint32_t size = Number();
    const std::string_view bytes(at_, size);
    at_ += size;
    return bytes;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace

void CommitWindow::StartTracking() {
  std::lock_guard<std::mutex> lock(mutex_);
  emptied_ = Clock::now();
  tracking_.store(true, std::memory_order_release);
}

void CommitWindow::TrackAlways() {
  std::lock_guard<std::mutex> lock(mutex_);
  always_ = true;
  // Tickets begin with 1, and Join returns none that is 0.
  ++ticket_;
  tracking_.store(true, std::memory_order_release);
}

uint64_t CommitWindow::Join() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!tracking_.load(std::memory_order_relaxed)) return 0;
  if (pending_.empty()) ++ticket_;
  const uint64_t start = SettledLocked();
  open_.insert(open_.end(), start);
  return start;
}

void CommitWindow::Leave(uint64_t start) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = open_.find(start);
  if (found == open_.end()) return;
  open_.erase(found);
  if (open_.empty()) emptied_ = Clock::now();
  Trim();
}

// Returns the chunk to append to.
CommitWindow::Chunk* CommitWindow::Begin() {
  ++ticket_;
  const bool full = !chunks_.empty() && chunks_.back()->bytes.size() >= kChunkBytes;
  if (full) full_bytes_ += chunks_.back()->size();
  if (full || chunks_.empty()) chunks_.push_back(std::make_shared<Chunk>());
  Chunk* const chunk = chunks_.back().get();
  chunk->last = ticket_;
  chunk->marks.push_back({ticket_, chunk->bytes.size()});
  if (full) Trim();
  return chunk;
}

void CommitWindow::Add(const Slice& batch) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (open_.empty()) {
    // A transaction that begins after this has the write in its snapshot.
    if (!always_ && Clock::now() - emptied_ > kTrackAfter) {
      tracking_.store(false, std::memory_order_release);
    }
    return;
  }
  AppendKeys(batch, Begin());
  newest_.store(ticket_, std::memory_order_release);
}

void CommitWindow::AppendKeys(const Slice& batch, Chunk* chunk) {
  BatchWalk walk(batch);
  BatchRecord record;
  while (walk.Next(&record)) {
    const bool span = record.kind == BatchRecord::Kind::kDeleteRange;
    chunk->bytes.push_back(span ? kSpan : kPoint);
    AppendNumber(&chunk->bytes, record.family);
    AppendBytes(&chunk->bytes, View(record.key));
    if (span) AppendBytes(&chunk->bytes, View(record.second));
  }
}

uint64_t CommitWindow::AddPending(const Slice& batch) {
  std::lock_guard<std::mutex> lock(mutex_);
  pending_.insert(pending_.end(), ticket_ + 1);  // first, so that it is not trimmed
  AppendKeys(batch, Begin());
  newest_.store(ticket_, std::memory_order_release);
  return ticket_;
}

uint64_t CommitWindow::AddPendingDrop(uint32_t family) {
  std::lock_guard<std::mutex> lock(mutex_);
  pending_.insert(pending_.end(), ticket_ + 1);
  Chunk* const chunk = Begin();
  chunk->bytes.push_back(kWhole);
  AppendNumber(&chunk->bytes, family);
  newest_.store(ticket_, std::memory_order_release);
  return ticket_;
}

void CommitWindow::EndPending(uint64_t ticket) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (pending_.erase(ticket) != 0) Trim();
}

bool CommitWindow::IsPending(const ReadSet& reads) const {
  std::unique_lock<std::mutex> lock(mutex_);
  if (pending_.empty()) return false;
  const uint64_t since = SettledLocked();
  lock.unlock();
  uint64_t until = 0;
  return Check(reads, since, &until).kind != Clash::Kind::kNone;
}

uint64_t CommitWindow::Settled() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return SettledLocked();
}

void CommitWindow::AddDropped(uint32_t family) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (open_.empty()) return;
  Chunk* const chunk = Begin();
  chunk->bytes.push_back(kWhole);
  AppendNumber(&chunk->bytes, family);
  newest_.store(ticket_, std::memory_order_release);
}

// Drops what no open transaction needs, and the oldest chunks if there are too many bytes.
void CommitWindow::Trim() {
  while (!chunks_.empty()) {
    Chunk& oldest = *chunks_.front();
    const bool last = chunks_.size() == 1;
    if (!pending_.empty() && oldest.last >= *pending_.begin()) return;
    const bool needed = !open_.empty() && oldest.last > *open_.begin();
    if (needed && (last || full_bytes_ <= most_bytes_)) return;
    if (needed) forgotten_ = oldest.last;
    if (!last) full_bytes_ -= oldest.size();
    chunks_.pop_front();
  }
}

Clash CommitWindow::CheckChunk(const Chunk& chunk, const ReadSet& reads, uint64_t since) {
  Clash clash;
  auto mark = chunk.marks.begin();
  while (mark != chunk.marks.end() && mark->ticket <= since) ++mark;
  if (mark == chunk.marks.end()) return clash;
  Records records(chunk.bytes, mark->offset);
  while (!records.done()) {
    const char tag = records.Tag();
    const uint32_t family = records.Number();
    const std::string_view key = tag == kWhole ? std::string_view() : records.Bytes();
    bool meets = false;
    if (tag == kPoint) {
      meets = reads.Has(family, key);
    } else {
      std::optional<std::string_view> end;
      if (tag == kSpan) end = records.Bytes();
      meets = reads.Meets(family, key, end);
    }
    if (!meets) continue;
    clash.kind = tag == kPoint ? Clash::Kind::kKey : Clash::Kind::kRange;
    clash.family = family;
    clash.key = key;
    break;
  }
  return clash;
}

Clash CommitWindow::Check(const ReadSet& reads, uint64_t since, uint64_t* until) const {
  Clash clash;
  std::vector<std::shared_ptr<Chunk>> full;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    *until = newest_.load(std::memory_order_relaxed);
    if (since < forgotten_) {
      clash.kind = Clash::Kind::kTooOld;
      return clash;
    }
    if (*until <= since || chunks_.empty()) return clash;
    // The newest chunk may still grow, so it is checked under the lock.
    clash = CheckChunk(*chunks_.back(), reads, since);
    if (clash.kind != Clash::Kind::kNone) return clash;
    for (auto at = chunks_.rbegin() + 1; at != chunks_.rend() && (*at)->last > since; ++at) {
      full.push_back(*at);
    }
  }
  for (const auto& chunk : full) {
    clash = CheckChunk(*chunk, reads, since);
    if (clash.kind != Clash::Kind::kNone) return clash;
  }
  return clash;
}

size_t CommitWindow::BytesSince(uint64_t since) const {
  if (newest() <= since) return 0;
  std::lock_guard<std::mutex> lock(mutex_);
  size_t bytes = 0;
  for (auto at = chunks_.rbegin(); at != chunks_.rend() && (*at)->last > since; ++at) {
    bytes += (*at)->bytes.size();
  }
  return bytes;
}

void CommitWindow::SetMostBytes(size_t bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  most_bytes_ = asked_ ? std::max(most_bytes_, bytes) : bytes;
  asked_ = true;
  Trim();
}

size_t CommitWindow::bytes() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return full_bytes_ + (chunks_.empty() ? 0 : chunks_.back()->size());
}

}  // namespace rocksdb_live
