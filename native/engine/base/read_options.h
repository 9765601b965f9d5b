// The bits of ReadFlag and WriteFlag (lib/native/reads.ts, writes.ts), and RocksDB's option structs
// made from them.
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
  kNoWait = 64,  // only from memory and the system's page cache
  kRefresh = 128,
  kEnvelope = 256,  // values of families whose rows expire come with their envelope
};

enum WriteFlag : uint32_t { kSync = 1, kDisableWal = 2, kLowPri = 4, kNoSlowdown = 8 };
// A flag of a transaction's commit, beside those of WriteFlag: it does not write past the turns of
// others.
constexpr uint32_t kYields = 16;

// A moment on RocksDB's clock (SystemClock::NowMicros); zero means never.
using Deadline = std::chrono::microseconds;

// The shortest possible timeout: files in nowait_files.h take it as "do not wait at all". RocksDB
// passes ReadOptions::io_timeout to each read of a file (file/file_util.h).
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

// Whether a read with these flags stopped because it would have had to wait for a disk.
inline bool WouldWait(const rocksdb::Status& status, uint32_t flags) {
  return (status.IsIncomplete() && (flags & kCacheOnly) != 0) ||
         (status.IsTimedOut() && (flags & kNoWait) != 0);
}

// Scans are in the total order of keys. With a prefix extractor and auto_prefix_mode, RocksDB may
// skip files by their prefix filters if start and end have the same prefix, or adjacent ones. That
// can lose keys shorter than a prefix, but only if the end is a carry: between "a\xff" and "b\0"
// lies "b". An end whose last byte is not zero cannot be one.
inline void UsePrefixFilters(const Range& range, rocksdb::ReadOptions* options) {
  options->auto_prefix_mode = range.upper && !range.upper->empty() && range.upper->back() != '\0';
  options->total_order_seek = !options->auto_prefix_mode;
}

// Each helper does nothing with RocksDB 9.7, which lacks its field.
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

// Options for walks only. With a snapshot and kRefresh, the iterator moves on to the newest files
// with the same rows, so that its first files can be deleted. With kKeysOnly, values in blob files
// are not read: do not call value().
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
