// Objects that all families of a database share and that no option text of RocksDB's can express:
// caches, the write-buffer manager, the rate limiter, the statistics. Each of their options is a
// row of the table in shared_objects.cc, and comes from JavaScript as a text by its name.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/base/error.h"
#include "engine/base/option_map.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/options.h"
#include "rocksdb/rate_limiter.h"
#include "rocksdb/statistics.h"
#include "rocksdb/write_buffer_manager.h"

namespace rocksdb_live {

// Refuses names that are not in the table, and texts that an option does not accept.
Error CheckShared(const OptionMap& map);

// Adds the missing options with their defaults to the map.
OptionMap CompleteShared(OptionMap map);

class SharedObjects {
 public:
  // The objects that the rows create; null if not requested.
  struct Made {
    std::shared_ptr<rocksdb::Cache> block_cache;  // never null
    std::shared_ptr<rocksdb::RowCache> row_cache;
    std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
    std::shared_ptr<rocksdb::RateLimiter> rate_limiter;
    std::atomic<uint64_t> rate_limit{0};  // as requested; auto-tuning changes the limiter below
    std::shared_ptr<rocksdb::Statistics> statistics;
  };

  // `asked` has passed CheckShared and may be incomplete.
  explicit SharedObjects(const OptionMap& asked);

  void ApplyTo(rocksdb::DBOptions* options) const;
  const std::shared_ptr<rocksdb::Cache>& block_cache() const { return made_.block_cache; }
  // Null without statistics.
  const std::shared_ptr<rocksdb::Statistics>& statistics() const { return made_.statistics; }

  // Changes all options in the map while open; changes none if one of them cannot be changed.
  Error Change(const OptionMap& map);

  // The value in force of every option in the table.
  OptionMap Read() const;

 private:
  const OptionMap asked_;
  Made made_;
};

}  // namespace rocksdb_live
