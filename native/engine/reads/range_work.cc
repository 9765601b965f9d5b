#include "engine/reads/range_work.h"

#include <memory>

#include "engine/base/read_options.h"
#include "rocksdb/system_clock.h"
#include "rocksdb/write_batch.h"

namespace rocksdb_live {
namespace {

// Checks the flag and the clock once in this many rows.
constexpr uint64_t kRowsPerLook = 4096;

struct Walk {
  uint64_t rows = 0;
  bool limited = false;  // it ended at its limit
  std::string first;     // in the order of the walk
  std::string last;
};

Error LookUp(const std::atomic<bool>& canceled, std::chrono::microseconds deadline) {
  if (canceled.load(std::memory_order_acquire)) {
    return Error(Code::kAborted, "the database is closing");
  }
  if (deadline.count() != 0 &&
      rocksdb::SystemClock::Default()->NowMicros() > static_cast<uint64_t>(deadline.count())) {
    return Error(Code::kTimedOut, "the deadline has passed");
  }
  return Error();
}

// Walks up to `limit` rows of the range (-1: all) and notes the first and the last key.
Result<Walk> WalkRange(const Cursor::Config& config, int64_t limit,
                       const std::atomic<bool>& canceled, std::chrono::microseconds deadline) {
  RangeIterator at(config, config.flags | kKeysOnly);
  Walk walk;
  if (limit != 0) at.SeekToStart();
  while (limit != 0 && at.Valid()) {
    if (walk.rows == 0) walk.first = at.key().ToString();
    ++walk.rows;
    if (static_cast<int64_t>(walk.rows) == limit) {
      walk.limited = true;
      walk.last = at.key().ToString();
      break;
    }
    if (walk.rows % kRowsPerLook == 0) {
      Error error = LookUp(canceled, deadline);
      if (!error.ok()) return error;
    }
    at.Next();
  }
  if (!at.status().ok()) return Error::From(at.status());
  return walk;
}

// The first and last key of the range, without a walk between them.
Result<Walk> FindEnds(const Cursor::Config& config) {
  RangeIterator at(config, config.flags | kKeysOnly);
  Walk walk;
  at.SeekToFirst();
  if (at.Valid()) {
    walk.rows = 1;
    walk.first = at.key().ToString();
    at.SeekToLast();
    if (at.Valid()) walk.last = at.key().ToString();
  }
  if (!at.status().ok()) return Error::From(at.status());
  return walk;
}

}  // namespace

Result<uint64_t> CountRange(const Cursor::Config& config, const std::atomic<bool>& canceled,
                            std::chrono::microseconds deadline) {
  Result<Walk> walk = WalkRange(config, config.range.limit, canceled, deadline);
  if (!walk.ok()) return walk.error;
  return walk.value.rows;
}

Error MakeClearBatch(const Cursor::Config& config, const std::atomic<bool>& canceled,
                     std::string* batch) {
  const int64_t limit = config.range.limit;
  Result<Walk> walk =
      limit < 0 ? FindEnds(config) : WalkRange(config, limit, canceled, Deadline(0));
  if (!walk.ok()) return walk.error;
  batch->clear();
  if (walk.value.rows == 0) return Error();
  // A walk that ended before its limit saw the whole range: its last row is the range's.
  if (limit >= 0 && !walk.value.limited) {
    Result<Walk> ends = FindEnds(config);
    if (!ends.ok()) return ends.error;
    walk.value = ends.value;
  } else if (config.range.reverse && limit >= 0) {
    std::swap(walk.value.first, walk.value.last);
  }
  rocksdb::WriteBatch writes;
  rocksdb::ColumnFamilyHandle* family = config.family->handle();
  rocksdb::Status status = writes.DeleteRange(family, walk.value.first, walk.value.last);
  if (status.ok()) status = writes.Delete(family, walk.value.last);
  *batch = writes.Release();
  return Error::FromWrite(status);
}

}  // namespace rocksdb_live
