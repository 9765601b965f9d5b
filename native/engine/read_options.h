// The bits of lib/native.ts's ReadFlag and WriteFlag, and RocksDB's option structs made of them.
#pragma once

#include <chrono>
#include <cstdint>

#include "rocksdb/options.h"

namespace rocksdb_live {

enum ReadFlag : uint32_t {
  kNoFillCache = 1,
  kNoVerifyChecksums = 2,
  kPresence = 4,
  kCacheOnly = 8,
  kReverse = 16,
  kKeysOnly = 32,
};

enum WriteFlag : uint32_t { kSync = 1, kDisableWal = 2, kLowPri = 4, kNoSlowdown = 8 };

// A moment on RocksDB's clock (SystemClock::NowMicros); zero is never.
using Deadline = std::chrono::microseconds;

inline rocksdb::ReadOptions MakeReadOptions(uint32_t flags, const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.fill_cache = (flags & kNoFillCache) == 0;
  options.verify_checksums = (flags & kNoVerifyChecksums) == 0;
  if ((flags & kCacheOnly) != 0) options.read_tier = rocksdb::kBlockCacheTier;
  options.snapshot = snapshot;
  return options;
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
