// Point reads on a thread, and reads of many keys.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/family.h"
#include "engine/base/read_options.h"
#include "engine/base/result.h"
#include "engine/base/timings.h"
#include "engine/readers/snapshot.h"
#include "engine/reads/read_layer.h"
#include "engine/watch/recorder.h"
#include "rocksdb/db.h"

namespace rocksdb_live {

// Values in `lengths`: no such key; the read failed.
constexpr uint32_t kMissing = 0xFFFFFFFF;
constexpr uint32_t kFailed = 0xFFFFFFFE;

// The moment `milliseconds` from now; 0 means never, and returns zero.
Deadline DeadlineIn(double milliseconds);

struct PendingRead {
  uint32_t id = 0;
  std::shared_ptr<Family> family;
  std::shared_ptr<Snapshot> snapshot;  // may be null
  std::string key;
  uint32_t flags = 0;
  Deadline deadline{0};
  std::shared_ptr<ReadLayer> layer;  // may be null
  TimedRead timed;
  Measuring::Clock::time_point since;  // zero if nobody measures
};

struct ReadResults {
  std::vector<uint32_t> ids;
  std::vector<uint32_t> lengths;
  std::string bytes;  // the values, end to end
  std::vector<std::pair<size_t, Error>> errors;
  std::vector<std::pair<uint32_t, Timings>> timings;  // of those that are measured, by their ids
};

// Reads all, with one MultiGet for reads with the same options. If an exception is thrown, all fail
// with it.
ReadResults RunReads(const std::vector<PendingRead>& reads);
ReadResults FailReads(const std::vector<PendingRead>& reads, const Error& why);

// One MultiGet on one family. Reusable after Clear.
class ManyRead {
 public:
  // `packed`: for each key its length in 4 bytes, little-endian, and its bytes. Fails unless it
  // holds exactly `count` keys. Keys are not copied: `packed` must stay valid until Run has
  // returned.
  Error Unpack(const rocksdb::Slice& packed, size_t count);
  // Fails with the first key's error. With kCacheOnly or kNoWait it may set `not_cached()` instead.
  // `layer` may be null.
  Error Run(const Family& family, uint32_t flags, const Snapshot* snapshot, Deadline deadline,
            const ReadLayer* layer = nullptr);
  const std::vector<rocksdb::Slice>& keys() const { return keys_; }

  bool not_cached() const { return not_cached_; }
  size_t total_bytes() const { return total_; }
  size_t count() const { return keys_.size(); }
  // Copies to `bytes`, of total_bytes(), and to `lengths`, of count().
  void CopyTo(char* bytes, uint32_t* lengths) const;
  // Releases the values, and the memory for an unusual number of keys.
  void Clear();

 private:
  void ReadMemory(const Family& family, uint32_t flags, rocksdb::ReadOptions options);
  void LayOver(const Family& family, const ReadLayer& layer, uint32_t flags);
  void Hide(const Family& family, uint32_t flags, const Snapshot* snapshot);

  std::vector<rocksdb::Slice> keys_;
  std::vector<rocksdb::PinnableSlice> values_;
  std::vector<rocksdb::Status> statuses_;
  size_t total_ = 0;
  bool not_cached_ = false;
};

// The result of a read of many keys: the values end to end, and each length or kMissing.
struct ManyValues {
  std::vector<uint32_t> lengths;
  std::string bytes;
};

// A read of many keys that can run on another thread.
struct ManyJob {
  Result<ManyValues> Run() const;

  std::shared_ptr<Family> family;
  std::shared_ptr<Snapshot> snapshot;  // may be null
  std::string packed;
  size_t count = 0;
  uint32_t flags = 0;
  Deadline deadline{0};
  std::shared_ptr<ReadLayer> layer;  // may be null
};

}  // namespace rocksdb_live
