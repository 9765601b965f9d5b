#include "engine/options/shared_objects.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <utility>

#include "engine/options/block_cache.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace rocksdb_live {
namespace {

using Made = SharedObjects::Made;
using Text = std::string;

// Whether an option takes a text.

bool IsCount(const Text& text) {
  constexpr size_t kMostDigits = 18;  // values must fit into 63 bits
  const bool digits =
      !text.empty() && text.size() <= kMostDigits &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && (text.size() == 1 || text[0] != '0');
}

bool IsFlag(const Text& text) { return text == "true" || text == "false"; }

bool IsCacheType(const Text& text) { return text == "lru" || text == "hyper-clock"; }

// rocksdb::StatsLevel; -1 means no statistics.
bool IsStatsLevel(const Text& text) {
  return text == "-1" || (text.size() == 1 && text[0] >= '0' && text[0] <= '5');
}

uint64_t Count(const Text& text) { return std::strtoull(text.c_str(), nullptr, 10); }

bool Flag(const Text& text) { return text == "true"; }

// Create the objects from all texts, in the order of the table.

void MakeCache(const OptionMap& all, Made* made) {
  made->block_cache = MakeBlockCache(Count(all.at("block_cache_bytes")),
                                     all.at("block_cache_type") == "hyper-clock");
}

void MakeRowCache(const OptionMap& all, Made* made) {
  const uint64_t bytes = Count(all.at("row_cache_bytes"));
  // Never a HyperClockCache: that is for blocks only.
  if (bytes != 0) made->row_cache = rocksdb::NewLRUCache(bytes);
}

void MakeRateLimiter(const OptionMap& all, Made* made) {
  // RocksDB's default interval between refills, 100 ms.
  constexpr int64_t kRefillMicros = int64_t{100} * 1000;
  constexpr int32_t kFairness = 10;
  made->rate_limit = Count(all.at("rate_limit_bytes_per_sec"));
  if (made->rate_limit == 0) return;
  made->rate_limiter.reset(rocksdb::NewGenericRateLimiter(
      static_cast<int64_t>(made->rate_limit), kRefillMicros, kFairness,
      rocksdb::RateLimiter::Mode::kWritesOnly, /*auto_tuned=*/true));
}

void MakeWriteBuffers(const OptionMap& all, Made* made) {
  const uint64_t bytes = Count(all.at("write_buffer_bytes"));
  if (bytes == 0) return;
  const bool charged = Flag(all.at("charge_write_buffers"));
  made->write_buffers = std::make_shared<rocksdb::WriteBufferManager>(
      bytes, charged ? made->block_cache : nullptr, Flag(all.at("allow_stall")));
}

// glibc raises the threshold for returning memory at once to the size of the blocks it sees freed.
// Then write buffers of a MiB live among small blocks and leave holes that no budget counts:
// bench/memory peaked at 1.7 times the budget, and with this never exceeds it. Applies to the whole
// process, from its first database with a budget on.
void GiveLargeBlocksBack(const OptionMap& all, Made*) {
  if (!Flag(all.at("charge_write_buffers"))) return;
#if defined(__GLIBC__)
  constexpr int kFromBytes = 128 * 1024;  // glibc's default, until it raises it
  mallopt(M_MMAP_THRESHOLD, kFromBytes);
  mallopt(M_TRIM_THRESHOLD, kFromBytes);
#endif
}

void MakeStatistics(const OptionMap& all, Made* made) {
  const Text& level = all.at("stats_level");
  if (level == "-1") return;
  made->statistics = rocksdb::CreateDBStatistics();
  made->statistics->set_stats_level(static_cast<rocksdb::StatsLevel>(Count(level)));
}

// Read the value in force.

Text CacheBytes(const Made& made) { return std::to_string(made.block_cache->GetCapacity()); }

Text CacheType(const Made& made) {
  return made.block_cache->Name() == Text("LRUCache") ? "lru" : "hyper-clock";
}

Text RowCacheBytes(const Made& made) {
  return std::to_string(made.row_cache ? made.row_cache->GetCapacity() : 0);
}

Text RateLimit(const Made& made) { return std::to_string(made.rate_limit.load()); }

Text WriteBufferBytes(const Made& made) {
  return std::to_string(made.write_buffers ? made.write_buffers->buffer_size() : 0);
}

Text StatsLevel(const Made& made) {
  return std::to_string(made.statistics ? static_cast<int>(made.statistics->get_stats_level())
                                        : -1);
}

// Change objects while the database is open.

void SetCacheBytes(const Text& text, Made* made) {
  SetBlockCacheBytes(made->block_cache.get(), Count(text));
}

void SetRateLimit(const Text& text, Made* made) {
  made->rate_limiter->SetBytesPerSecond(static_cast<int64_t>(Count(text)));
  made->rate_limit = Count(text);
}

void SetWriteBufferBytes(const Text& text, Made* made) {
  made->write_buffers->SetBufferSize(Count(text));
}

enum class Changes {
  kReopen,   // never while open
  kLive,     // at any time
  kWhileOn,  // at any time, but not from or to `unset`: then there is no object
};

struct Row {
  const char* name;
  const char* unset;                                         // text if nobody sets it
  bool (*takes)(const Text& text);                           // whether the text is valid
  void (*make)(const OptionMap& all, Made* made) = nullptr;  // null: another row creates it
  Text (*read)(const Made& made) = nullptr;                  // null: as requested
  Changes changes = Changes::kReopen;                        // when `change` may be called
  void (*change)(const Text& text, Made* made) = nullptr;
};

constexpr Row kRows[] = {
    {"block_cache_bytes", "0", IsCount, MakeCache, CacheBytes, Changes::kLive, SetCacheBytes},
    {"block_cache_type", "lru", IsCacheType, nullptr, CacheType},
    {"row_cache_bytes", "0", IsCount, MakeRowCache, RowCacheBytes},
    // Of flushes and compactions together.
    {"rate_limit_bytes_per_sec", "0", IsCount, MakeRateLimiter, RateLimit, Changes::kWhileOn,
     SetRateLimit},
    // For all memtables of the database together.
    {"write_buffer_bytes", "0", IsCount, MakeWriteBuffers, WriteBufferBytes, Changes::kWhileOn,
     SetWriteBufferBytes},
    // Memtables are charged to the block cache.
    {"charge_write_buffers", "false", IsFlag, GiveLargeBlocksBack},
    // Writers wait while write_buffer_bytes is used up.
    {"allow_stall", "false", IsFlag},
    {"stats_level", "-1", IsStatsLevel, MakeStatistics, StatsLevel},
};

const Row* FindRow(const Text& name) {
  const auto* const found = std::find_if(std::begin(kRows), std::end(kRows),
                                         [&](const Row& row) { return row.name == name; });
  return found == std::end(kRows) ? nullptr : found;
}

Error Refuse(const Text& what) { return Error(Code::kInvalidArgument, "shared options: " + what); }

}  // namespace

Error CheckShared(const OptionMap& map) {
  for (const auto& [name, text] : map) {
    const Row* const row = FindRow(name);
    if (row == nullptr) return Refuse("there is none that is named " + name);
    if (!row->takes(text)) return Refuse(name + " cannot be \"" + text + "\"");
  }
  return Error();
}

OptionMap CompleteShared(OptionMap map) {
  for (const Row& row : kRows) map.emplace(row.name, row.unset);
  return map;
}

SharedObjects::SharedObjects(const OptionMap& asked) : asked_(CompleteShared(asked)) {
  for (const Row& row : kRows) {
    if (row.make != nullptr) row.make(asked_, &made_);
  }
}

void SharedObjects::ApplyTo(rocksdb::DBOptions* options) const {
  if (made_.row_cache) options->row_cache = made_.row_cache;
  if (made_.write_buffers) options->write_buffer_manager = made_.write_buffers;
  if (made_.rate_limiter) options->rate_limiter = made_.rate_limiter;
  if (made_.statistics) options->statistics = made_.statistics;
}

Error SharedObjects::Change(const OptionMap& map) {
  Error error = CheckShared(map);
  if (!error.ok()) return error;
  for (const auto& [name, text] : map) {
    const Row& row = *FindRow(name);
    if (row.changes == Changes::kReopen) return Refuse(name + " changes with a reopen only");
    if (row.changes == Changes::kLive) continue;
    if (text == row.unset || row.read(made_) == row.unset) {
      return Refuse(name + " cannot become " + text + " while the database is open, and is " +
                    row.read(made_) + ": a reopen turns it on or off");
    }
  }
  for (const auto& [name, text] : map) FindRow(name)->change(text, &made_);
  return error;
}

OptionMap SharedObjects::Read() const {
  OptionMap map = asked_;
  for (const Row& row : kRows) {
    if (row.read != nullptr) map[row.name] = row.read(made_);
  }
  return map;
}

}  // namespace rocksdb_live
