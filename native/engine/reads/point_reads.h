// The point reads of one session: on its own thread if that does not wait for a disk; otherwise
// queued and taken to other threads together.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/reads/reads.h"
#include "rocksdb/slice.h"

namespace rocksdb_live {

// ReadOptions for reads with kNoWait or no flags, filled once: filling the struct costs as much as
// the rest of a read. Valid until the next call on this thread.
const rocksdb::ReadOptions& PlainReadOptions(uint32_t flags, const rocksdb::Snapshot* snapshot);

enum class Answer : uint8_t {
  kMissing,  // no such key
  kFound,
  kWaits,  // the flags forbid to wait for a disk, and it would have to
};

// Use on one thread.
class PointReads {
 public:
  PointReads() = default;
  PointReads(const PointReads&) = delete;
  PointReads& operator=(const PointReads&) = delete;

  // Times a sample of reads from now on, as the recorder asks; null ends that.
  void SetRecorder(std::shared_ptr<Recorder> recorder);

  // The value is in value() until Release. `snapshot` may be null.
  Result<Answer> Read(const Family& family, const Snapshot* snapshot, std::string_view key,
                      uint32_t flags);
  std::string_view value() const { return {value_.data(), value_.size()}; }
  // Takes a stored value in place of the one that was found: a transaction's own.
  Result<Answer> Take(const Family& family, const Snapshot* snapshot, std::string value,
                      uint32_t flags);
  void Release() { value_.Reset(); }

  // Queues the read that Read has just answered with kWaits.
  void Queue(PendingRead read);
  // Returns the queued reads as jobs, each for one thread.
  std::vector<std::vector<PendingRead>> TakeJobs();
  // Drops the queue.
  void Clear() { queued_.clear(); }

 private:
  Result<Answer> ReadTimed(const Family& family, const Snapshot* snapshot, std::string_view key,
                           uint32_t flags);

  std::shared_ptr<Recorder> recorder_;
  ReadSampler sampler_;
  TimedRead timed_;  // start of the last read, if it is timed and waits
  rocksdb::PinnableSlice value_;
  std::vector<PendingRead> queued_;
};

}  // namespace rocksdb_live
