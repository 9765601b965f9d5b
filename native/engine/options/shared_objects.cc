#include "engine/options/shared_objects.h"

#include "engine/options/block_cache.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace rocksdb_live {
namespace {

// What RocksDB's limiter does per 100 ms; its own default.
constexpr int64_t kRefillMicros = 100 * 1000;
constexpr int32_t kFairness = 10;

// glibc raises the size from which on memory is given back at once to that of the blocks it sees
// freed. Then write buffers of a MiB live among small blocks and leave holes that no budget counts:
// bench/memory had peaks of 1.7 times the budget, and has none above it so. This holds for the
// process, from its first database with a budget on.
void GiveLargeBlocksBack() {
#if defined(__GLIBC__)
  constexpr int kFromBytes = 128 * 1024;  // glibc's own, until it raises it
  mallopt(M_MMAP_THRESHOLD, kFromBytes);
  mallopt(M_TRIM_THRESHOLD, kFromBytes);
#endif
}

}  // namespace

OptionMap SharedRequest::Describe() const {
  return {{"block_cache_bytes", std::to_string(block_cache_bytes)},
          {"block_cache_type", hyper_clock_cache ? "hyper-clock" : "lru"},
          {"row_cache_bytes", std::to_string(row_cache_bytes)},
          {"rate_limit_bytes_per_sec", std::to_string(rate_limit_bytes_per_sec)},
          {"write_buffer_bytes", std::to_string(write_buffer_bytes)},
          {"charge_write_buffers", charge_write_buffers ? "true" : "false"},
          {"allow_stall", allow_stall ? "true" : "false"},
          {"stats_level", std::to_string(stats_level)}};
}

SharedObjects::SharedObjects(const SharedRequest& request)
    : request_(request),
      rate_limit_(request.rate_limit_bytes_per_sec),
      block_cache_(MakeBlockCache(request.block_cache_bytes, request.hyper_clock_cache)) {
  if (request.charge_write_buffers) GiveLargeBlocksBack();
  // Never a HyperClockCache: that is for blocks alone.
  if (request.row_cache_bytes != 0) row_cache_ = rocksdb::NewLRUCache(request.row_cache_bytes);
  if (request.write_buffer_bytes != 0) {
    write_buffers_ = std::make_shared<rocksdb::WriteBufferManager>(
        request.write_buffer_bytes, request.charge_write_buffers ? block_cache_ : nullptr,
        request.allow_stall);
  }
  if (request.rate_limit_bytes_per_sec != 0) {
    rate_limiter_.reset(rocksdb::NewGenericRateLimiter(
        static_cast<int64_t>(request.rate_limit_bytes_per_sec), kRefillMicros, kFairness,
        rocksdb::RateLimiter::Mode::kWritesOnly, /*auto_tuned=*/true));
  }
  if (request.stats_level >= 0) {
    statistics_ = rocksdb::CreateDBStatistics();
    statistics_->set_stats_level(static_cast<rocksdb::StatsLevel>(request.stats_level));
  }
}

void SharedObjects::ApplyTo(rocksdb::DBOptions* options) const {
  if (row_cache_) options->row_cache = row_cache_;
  if (write_buffers_) options->write_buffer_manager = write_buffers_;
  if (rate_limiter_) options->rate_limiter = rate_limiter_;
  if (statistics_) options->statistics = statistics_;
}

void SharedObjects::SetBlockCacheBytes(uint64_t bytes) {
  rocksdb_live::SetBlockCacheBytes(block_cache_.get(), bytes);
}

Error SharedObjects::SetRateLimit(uint64_t bytes_per_sec) {
  if (!rate_limiter_ || bytes_per_sec == 0) {
    return Error(Code::kInvalidArgument, "a rate limit is set up or taken away by a reopen");
  }
  rate_limiter_->SetBytesPerSecond(static_cast<int64_t>(bytes_per_sec));
  rate_limit_ = bytes_per_sec;
  return Error();
}

Error SharedObjects::SetWriteBufferBytes(uint64_t bytes) {
  if (!write_buffers_ || bytes == 0) {
    return Error(Code::kInvalidArgument,
                 "a bound on all write buffers is set up or taken away by a reopen");
  }
  write_buffers_->SetBufferSize(bytes);
  return Error();
}

OptionMap SharedObjects::Read() const {
  OptionMap map = request_.Describe();
  map["block_cache_bytes"] = std::to_string(block_cache_->GetCapacity());
  map["block_cache_type"] = block_cache_->Name() == std::string("LRUCache") ? "lru" : "hyper-clock";
  map["row_cache_bytes"] = std::to_string(row_cache_ ? row_cache_->GetCapacity() : 0);
  // Not the limiter's own figure: auto-tuning moves that below what was asked for.
  map["rate_limit_bytes_per_sec"] = std::to_string(rate_limit_.load());
  map["write_buffer_bytes"] = std::to_string(write_buffers_ ? write_buffers_->buffer_size() : 0);
  map["stats_level"] =
      std::to_string(statistics_ ? static_cast<int>(statistics_->get_stats_level()) : -1);
  return map;
}

}  // namespace rocksdb_live
