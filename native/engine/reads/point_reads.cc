#include "engine/reads/point_reads.h"

#include <cstddef>
#include <iterator>

#include "engine/reads/expired.h"

namespace rocksdb_live {
namespace {

// Up to this many reads of a turn run on one thread; more are split between two.
constexpr size_t kSplitReads = 8;

inline rocksdb::Status AskStored(const Family& family, const Snapshot* snapshot,
                                 std::string_view key, uint32_t flags,
                                 rocksdb::PinnableSlice* value) {
  const rocksdb::Slice slice(key.data(), key.size());
  if ((flags & ~uint32_t{kNoWait}) == 0) {
    return family.db()->Get(
        PlainReadOptions(flags, snapshot == nullptr ? nullptr : snapshot->get()), family.handle(),
        slice, value);
  }
  const rocksdb::ReadOptions options =
      MakeReadOptions(flags, snapshot == nullptr ? nullptr : snapshot->get());
  return family.db()->Get(options, family.handle(), slice, value);
}

inline rocksdb::Status Ask(const Family& family, const Snapshot* snapshot, std::string_view key,
                           uint32_t flags, rocksdb::PinnableSlice* value) {
  rocksdb::Status status = AskStored(family, snapshot, key, flags, value);
  if (family.expiry() != nullptr) Expired(snapshot, flags).Apply(family, value, &status);
  return status;
}

inline Result<Answer> AnswerOf(const rocksdb::Status& status, uint32_t flags) {
  if (status.ok()) return Answer::kFound;
  if (status.IsNotFound()) return Answer::kMissing;
  if (WouldWait(status, flags)) return Answer::kWaits;
  return Error::From(status);
}

}  // namespace

const rocksdb::ReadOptions& PlainReadOptions(uint32_t flags, const rocksdb::Snapshot* snapshot) {
  static const auto* const plain = new rocksdb::ReadOptions();
  static const auto* const nowait = new rocksdb::ReadOptions(MakeReadOptions(kNoWait, nullptr));
  thread_local rocksdb::ReadOptions plain_at;
  thread_local rocksdb::ReadOptions nowait_at = *nowait;
  if (snapshot == nullptr) return flags == 0 ? *plain : *nowait;
  rocksdb::ReadOptions& options = flags == 0 ? plain_at : nowait_at;
  options.snapshot = snapshot;
  return options;
}

void PointReads::SetRecorder(std::shared_ptr<Recorder> recorder) {
  recorder_ = std::move(recorder);
  sampler_.Set(recorder_ ? recorder_->read_sample() : 0);
}

Result<Answer> PointReads::Read(const Family& family, const Snapshot* snapshot,
                                std::string_view key, uint32_t flags) {
  if (sampler_.Take()) return ReadTimed(family, snapshot, key, flags);
  return AnswerOf(Ask(family, snapshot, key, flags, &value_), flags);
}

// A read that would wait goes on being timed on a thread.
Result<Answer> PointReads::ReadTimed(const Family& family, const Snapshot* snapshot,
                                     std::string_view key, uint32_t flags) {
  TimedRead timed(recorder_);
  Result<Answer> answer = AnswerOf(Ask(family, snapshot, key, flags, &value_), flags);
  if (answer.ok() && answer.value == Answer::kWaits) {
    timed_ = std::move(timed);
  } else {
    timed.End();
  }
  return answer;
}

Result<Answer> PointReads::Take(const Family& family, const Snapshot* snapshot, std::string value,
                                uint32_t flags) {
  value_.Reset();
  *value_.GetSelf() = std::move(value);
  value_.PinSelf();
  rocksdb::Status status;
  Expired(snapshot, flags).Apply(family, &value_, &status);
  return AnswerOf(status, flags);
}

void PointReads::Queue(PendingRead read) {
  read.timed = std::move(timed_);
  timed_ = TimedRead();
  queued_.push_back(std::move(read));
}

std::vector<std::vector<PendingRead>> PointReads::TakeJobs() {
  std::vector<std::vector<PendingRead>> jobs;
  if (queued_.empty()) return jobs;
  if (queued_.size() > kSplitReads) {
    const auto middle = queued_.begin() + static_cast<std::ptrdiff_t>(queued_.size() / 2);
    jobs.emplace_back(std::make_move_iterator(middle), std::make_move_iterator(queued_.end()));
    queued_.erase(middle, queued_.end());
  }
  jobs.push_back(std::move(queued_));
  queued_.clear();
  return jobs;
}

}  // namespace rocksdb_live
