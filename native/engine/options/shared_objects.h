// What all families of a database share and no option text can say: caches, the write-buffer
// manager, the rate limiter, the statistics.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/error.h"
#include "engine/base/option_map.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/options.h"
#include "rocksdb/rate_limiter.h"
#include "rocksdb/statistics.h"
#include "rocksdb/write_buffer_manager.h"

namespace rocksdb_live {

struct SharedRequest {
  uint64_t block_cache_bytes = 0;
  bool hyper_clock_cache = false;         // else LRU
  uint64_t row_cache_bytes = 0;           // 0: none
  uint64_t rate_limit_bytes_per_sec = 0;  // 0: none
  uint64_t write_buffer_bytes = 0;        // of all families together; 0: no manager
  bool charge_write_buffers = false;      // to the block cache
  bool allow_stall = false;               // of writers, where write_buffer_bytes is used up
  int stats_level = -1;                   // rocksdb::StatsLevel; -1: no statistics

  // For comparing two requests, and for showing one.
  OptionMap Describe() const;
};

class SharedObjects {
 public:
  explicit SharedObjects(const SharedRequest& request);

  void ApplyTo(rocksdb::DBOptions* options) const;
  const std::shared_ptr<rocksdb::Cache>& block_cache() const { return block_cache_; }
  // Null without statistics.
  const std::shared_ptr<rocksdb::Statistics>& statistics() const { return statistics_; }

  // While open; each fails where there is nothing of the kind.
  void SetBlockCacheBytes(uint64_t bytes);
  Error SetRateLimit(uint64_t bytes_per_sec);
  Error SetWriteBufferBytes(uint64_t bytes);

  // What is in force now, by the names of SharedRequest::Describe.
  OptionMap Read() const;

 private:
  const SharedRequest request_;
  std::atomic<uint64_t> rate_limit_;
  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<rocksdb::RowCache> row_cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  std::shared_ptr<rocksdb::RateLimiter> rate_limiter_;
  std::shared_ptr<rocksdb::Statistics> statistics_;
};

}  // namespace rocksdb_live
