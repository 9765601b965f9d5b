// The bits of ReadFlag and WriteFlag (lib/native/reads.ts, writes.ts), and RocksDB's option structs
// made of them.
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/base/range.h"
#include "rocksdb/options.h"
#include "rocksdb/status.h"

namespace rocksdb_live {

enum ReadFlag : uint32_t {
  kNoFillCache = 1,
  kNoVerifyChecksums = 2,
  kPresence = 4,
  kCacheOnly = 8,
  kReverse = 16,
  kKeysOnly = 32,
  kNoWait = 64,  // what memory and the system's page cache hold
  kRefresh = 128,
};

enum WriteFlag : uint32_t { kSync = 1, kDisableWal = 2, kLowPri = 4, kNoSlowdown = 8 };
// Of a transaction's commit alone, beside those of writes: it does not write past the turns of
// others.
constexpr uint32_t kYields = 16;

// A moment on RocksDB's clock (SystemClock::NowMicros); zero is never.
using Deadline = std::chrono::microseconds;

// The shortest timeout there is: the files of nowait_files.h take it as "do not wait at all".
// RocksDB hands ReadOptions::io_timeout on to each read of a file (file/file_util.h).
constexpr std::chrono::microseconds kNoWaitTimeout{1};

inline rocksdb::ReadOptions MakeReadOptions(uint32_t flags, const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.fill_cache = (flags & kNoFillCache) == 0;
  options.verify_checksums = (flags & kNoVerifyChecksums) == 0;
  if ((flags & kCacheOnly) != 0) options.read_tier = rocksdb::kBlockCacheTier;
  if ((flags & kNoWait) != 0) options.io_timeout = kNoWaitTimeout;
  options.snapshot = snapshot;
  return options;
}

// Whether a read with these flags has stopped where it would have had to wait for a disk.
inline bool WouldWait(const rocksdb::Status& status, uint32_t flags) {
  return (status.IsIncomplete() && (flags & kCacheOnly) != 0) ||
         (status.IsTimedOut() && (flags & kNoWait) != 0);
}

// Scans are in the total order of keys. With a prefix extractor, RocksDB may leave out files by
// their prefix filters where start and end have one prefix, or neighbouring ones
// (auto_prefix_mode). Keys shorter than a prefix can be lost to that, but only behind a carry:
// before "b\0" and after "a\xff" lies "b". An end that is not a zero byte cannot be behind one.
inline void UsePrefixFilters(const Range& range, rocksdb::ReadOptions* options) {
  options->auto_prefix_mode = range.upper && !range.upper->empty() && range.upper->back() != '\0';
  options->total_order_seek = !options->auto_prefix_mode;
}

// Fields that RocksDB 9.7 does not have are left alone there.
template <typename Options>
auto LetGoOfObsolete(Options* options, int)
    -> decltype(options->auto_refresh_iterator_with_snapshot = true, void()) {
  options->auto_refresh_iterator_with_snapshot = true;
}
template <typename Options>
void LetGoOfObsolete(Options*, ...) {}

template <typename Options>
auto LeaveBlobs(Options* options, int) -> decltype(options->allow_unprepared_value = true, void()) {
  options->allow_unprepared_value = true;
}
template <typename Options>
void LeaveBlobs(Options*, ...) {}

// What only walks have. With a snapshot and kRefresh, the iterator moves on to the newest files
// that hold the same rows, so that those it began with can be deleted. With kKeysOnly, values that
// lie in blob files are not read: value() must not be asked for.
inline void UseWalkFlags(uint32_t flags, rocksdb::ReadOptions* options) {
  if ((flags & kRefresh) != 0 && options->snapshot != nullptr) LetGoOfObsolete(options, 0);
  if ((flags & kKeysOnly) != 0) LeaveBlobs(options, 0);
}

inline rocksdb::WriteOptions MakeWriteOptions(uint32_t flags) {
  rocksdb::WriteOptions options;
  options.sync = (flags & kSync) != 0;
  options.disableWAL = (flags & kDisableWal) != 0;
  options.low_pri = (flags & kLowPri) != 0;
  options.no_slowdown = (flags & kNoSlowdown) != 0;
  return options;
}

}  // namespace rocksdb_live
