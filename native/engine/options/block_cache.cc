#include "engine/options/block_cache.h"

#include <algorithm>
#include <string>

#include "rocksdb/cache.h"

#if !defined(_WIN32)
#include <sys/mman.h>
#endif

namespace rocksdb_live {
namespace {

// From RocksDB's cache/clock_cache.h: the bytes of a slot of the table, and its highest load.
// Unused on Windows.
[[maybe_unused]] constexpr double kSlotBytes = 64;
[[maybe_unused]] constexpr double kMostLoad = 0.6;

// Address space that a small cache's table may take.
[[maybe_unused]] constexpr uint64_t kTableBytes = uint64_t{512} << 20;

// The table lies in one mapping, whose size is fixed by the first capacity and this minimum average
// charge of a block; memory is used only as blocks come. With RocksDB's default, a cache that is
// enlarged while open cannot grow beyond about eight times its first size with blocks of 4 KiB, and
// three times with blocks of 1 KiB. So this uses as much address space as the cache is large, up to
// kTableBytes.
size_t LeastAverageCharge(uint64_t bytes, size_t usual) {
#if defined(_WIN32)
  static_cast<void>(bytes);  // Windows commits memory for the whole mapping
  return usual;
#else
  if (bytes <= kTableBytes) return 1;
  const double average = kSlotBytes * (static_cast<double>(bytes) / kTableBytes - 1) / kMostLoad;
  return std::clamp<size_t>(static_cast<size_t>(average), 1, usual);
#endif
}

// RocksDB ends the process if it does not get the mapping.
bool CanMap(uint64_t bytes, size_t average) {
#if defined(_WIN32)
  static_cast<void>(bytes);
  static_cast<void>(average);
  return true;
#else
  const double slots =
      static_cast<double>(bytes) / (static_cast<double>(average) * kMostLoad + kSlotBytes);
  const auto size = static_cast<size_t>(slots * kSlotBytes) + (uint64_t{1} << 20);
  void* const place =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return false;
  munmap(place, size);
  return true;
#endif
}

// A HyperClockCache evicts only on inserts: if all reads are hits, it would never shrink. Temporary
// entries make it evict, each in one of its shards.
void EvictDownToCapacity(rocksdb::Cache* cache) {
  static const auto* const helper =
      new rocksdb::Cache::CacheItemHelper(rocksdb::CacheEntryRole::kMisc);
  constexpr uint64_t kWeight = uint64_t{256} * 1024;
  constexpr int kAttempts = 1024;  // in a row without effect: what is left is in use
  uint64_t key[2] = {0, 0};        // as large as RocksDB's own keys; the cache hashes it
  for (int in_vain = 0; in_vain < kAttempts && cache->GetUsage() > cache->GetCapacity();) {
    const size_t before = cache->GetUsage();
    ++key[0];
    const rocksdb::Slice name(reinterpret_cast<const char*>(key), sizeof(key));
    rocksdb::Cache::Handle* const weight =
        cache->CreateStandalone(name, nullptr, helper, kWeight, /*allow_uncharged=*/true);
    if (weight == nullptr) return;
    cache->Release(weight, /*erase_if_last_ref=*/true);
    in_vain = cache->GetUsage() < before ? 0 : in_vain + 1;
  }
}

}  // namespace

std::shared_ptr<rocksdb::Cache> MakeBlockCache(uint64_t bytes, bool hyper_clock) {
  if (!hyper_clock) return rocksdb::NewLRUCache(bytes);
  // Entry charge 0: the cache sizes its table as it learns the charge of blocks (cache.h).
  rocksdb::HyperClockCacheOptions options(bytes, 0);
  options.min_avg_entry_charge = LeastAverageCharge(bytes, options.min_avg_entry_charge);
  if (!CanMap(bytes, options.min_avg_entry_charge)) return rocksdb::NewLRUCache(bytes);
  return options.MakeSharedCache();
}

void SetBlockCacheBytes(rocksdb::Cache* cache, uint64_t bytes) {
  cache->SetCapacity(bytes);
  EvictDownToCapacity(cache);
}

}  // namespace rocksdb_live
