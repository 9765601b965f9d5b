#include "engine/store/healer.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>

#include "engine/base/exceptions.h"
#include "rocksdb/convenience.h"
#include "rocksdb_recovery.h"

namespace rocksdb_live {
namespace {

constexpr std::chrono::milliseconds kNudge{20};  // how long a lost flush waits
constexpr std::chrono::milliseconds kLook{250};
constexpr std::chrono::seconds kFirstPause{1};
// Each failed attempt leaves an empty memtable behind, so attempts on a full disk are rare.
constexpr std::chrono::seconds kLongestPause{8};
constexpr std::chrono::seconds kLongestPauseWithoutRoom{60};
constexpr uint64_t kRoom = uint64_t{1} << 20;

// Only a reopen ends a worse error.
bool MayEnd(const Health& health) {
  return health.severity > 0 && health.severity <= rocksdb::Status::kHardError;
}

}  // namespace

void Healer::Start(rocksdb::DB* db, std::vector<std::string> places) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    db_ = db;
    places_ = std::move(places);
  }
  if (health_->Get().severity != 0) Wake();  // opening met an error
}

Error Healer::Resume() {
  std::lock_guard<std::mutex> one_at_a_time(resume_mutex_);
  if (health_->Get().severity == 0) return Error::From(db_->Resume());
  // Waits for writes in progress: one that fails while RocksDB resumes makes the resume fail, too.
  hold_(true);
  health_->BeginRecovery();
  rocksdb::Status status;
  try {
    status = Recover();
  } catch (const std::system_error&) {
    status = rocksdb::Status::Busy("no thread can be started");
  }
  if (status.ok()) {
    health_->EndRecovery();
    // RocksDB has also healed the errors that came just before it began.
    const uint64_t errors = health_->errors();
    if (BackgroundError(db_).ok()) health_->Clear(errors);
  }
  hold_(false);
  return Error::From(status);
}

rocksdb::Status Healer::Recover() {
  bool done = false;
  std::mutex mutex;
  std::condition_variable ended;
  std::thread nudge([&] {
    std::unique_lock<std::mutex> lock(mutex);
    while (!done) {
      KeepRecoveryGoing(db_);
      ended.wait_for(lock, kNudge, [&] { return done; });
    }
  });
  {
    std::lock_guard<std::mutex> lock(mutex_);
    recovering_ = true;
  }
  rocksdb::Status status;
  const Error thrown = Caught([&] {
    status = db_->Resume();
    return Error();
  });
  if (!thrown.ok()) status = rocksdb::Status::Busy(thrown.message());
  {
    std::lock_guard<std::mutex> lock(mutex);
    done = true;
  }
  ended.notify_all();
  nudge.join();
  KeepRecoveryGoing(db_);
  std::lock_guard<std::mutex> lock(mutex_);
  recovering_ = false;
  changed_.notify_all();
  return status;
}

void Healer::Wake() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (db_ == nullptr || running_ || stopping_ || !MayEnd(health_->Get())) return;
  if (thread_.joinable()) thread_.join();  // Loop is returning
  try {
    thread_ = std::thread([this] { Loop(); });
    running_ = true;
  } catch (const std::system_error&) {
    return;  // no thread can be started; the next failing write tries again
  }
}

void Healer::Loop() {
  room_ = Room();
  pause_ = kFirstPause;
  next_ = Clock::now() + kFirstPause;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait_for(lock, kLook, [this] { return stopping_; });
    const Health health = health_->Get();
    if (stopping_ || !MayEnd(health)) break;
    lock.unlock();
    // RocksDB's own recovery may be running, and it loses flushes as well.
    KeepRecoveryGoing(db_);
    if (health.no_space && Due()) static_cast<void>(Resume());
    lock.lock();
  }
  running_ = false;
}

bool Healer::Due() {
  const uint64_t room = Room();
  const auto now = Clock::now();
  const bool more = room >= kRoom && room - kRoom >= room_;
  if (more) pause_ = kFirstPause;
  if (!more && now < next_) return false;
  room_ = room;
  next_ = now + pause_;
  pause_ = std::min<Clock::duration>(2 * pause_,
                                     room < kRoom ? kLongestPauseWithoutRoom : kLongestPause);
  return true;
}

// Free bytes of the fullest place. Quotas and a lack of inodes do not show here.
uint64_t Healer::Room() const {
  uint64_t room = std::numeric_limits<uint64_t>::max();
  for (const std::string& place : places_) {
    std::error_code failure;
    const auto space = std::filesystem::space(std::filesystem::u8path(place), failure);
    if (!failure) room = std::min<uint64_t>(room, space.available);
  }
  return room;
}

void Healer::Stop(bool cancel) {
  std::unique_lock<std::mutex> lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  if (cancel && recovering_) {
    lock.unlock();
    rocksdb::CancelAllBackgroundWork(db_, false);
    lock.lock();
  }
  changed_.wait(lock, [this] { return !recovering_; });
  lock.unlock();
  if (thread_.joinable()) thread_.join();
}

}  // namespace rocksdb_live
