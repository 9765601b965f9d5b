// The point reads of one session: at once, on its own thread, where nothing waits for a disk; else
// queued, and taken to other threads together.
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

// Of reads that ask for kNoWait or for nothing, which were filled once: to fill the struct costs as
// much as the rest of a read. Good until the next call on this thread.
const rocksdb::ReadOptions& PlainReadOptions(uint32_t flags, const rocksdb::Snapshot* snapshot);

enum class Answer : uint8_t {
  kMissing,  // there is no such key
  kFound,
  kWaits,  // it would have to wait for a disk, and its flags forbid that
};

// On one thread.
class PointReads {
 public:
  PointReads() = default;
  PointReads(const PointReads&) = delete;
  PointReads& operator=(const PointReads&) = delete;

  // Times one read in a number from now on, as the recorder asks for; null ends it.
  void SetRecorder(std::shared_ptr<Recorder> recorder);

  // What is found is in value() until Release. `snapshot` may be null.
  Result<Answer> Read(const Family& family, const Snapshot* snapshot, std::string_view key,
                      uint32_t flags);
  std::string_view value() const { return {value_.data(), value_.size()}; }
  // Gives this in the place of what was found.
  void Set(std::string value) {
    value_.Reset();
    *value_.GetSelf() = std::move(value);
    value_.PinSelf();
  }
  void Release() { value_.Reset(); }

  // Queues what Read has just answered with kWaits.
  void Queue(PendingRead read);
  // All that was queued, as jobs for a thread each.
  std::vector<std::vector<PendingRead>> TakeJobs();
  // Forgets what is queued.
  void Clear() { queued_.clear(); }

 private:
  Result<Answer> ReadTimed(const Family& family, const Snapshot* snapshot, std::string_view key,
                           uint32_t flags);

  std::shared_ptr<Recorder> recorder_;
  ReadSampler sampler_;
  TimedRead timed_;  // the last read, where it is timed and waits
  rocksdb::PinnableSlice value_;
  std::vector<PendingRead> queued_;
};

}  // namespace rocksdb_live
