// What all families of a database share and no option text of RocksDB's can say: caches, the
// write-buffer manager, the rate limiter, the statistics. Each option of them is a row of the table
// in shared_objects.cc, and crosses from JavaScript as a text by its name.
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

// Refuses names that the table does not have, and texts that an option does not take.
Error CheckShared(const OptionMap& map);

// The map with the options that it leaves out, as they are where nobody sets them.
OptionMap CompleteShared(OptionMap map);

class SharedObjects {
 public:
  // What the rows make; null where nothing of the kind was asked for.
  struct Made {
    std::shared_ptr<rocksdb::Cache> block_cache;  // always there
    std::shared_ptr<rocksdb::RowCache> row_cache;
    std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
    std::shared_ptr<rocksdb::RateLimiter> rate_limiter;
    std::atomic<uint64_t> rate_limit{0};  // what was asked for: auto-tuning moves the limiter below
    std::shared_ptr<rocksdb::Statistics> statistics;
  };

  // `asked` has passed CheckShared, and need not be complete.
  explicit SharedObjects(const OptionMap& asked);

  void ApplyTo(rocksdb::DBOptions* options) const;
  const std::shared_ptr<rocksdb::Cache>& block_cache() const { return made_.block_cache; }
  // Null without statistics.
  const std::shared_ptr<rocksdb::Statistics>& statistics() const { return made_.statistics; }

  // While open: changes all that the map names, or nothing where one of them cannot be changed.
  Error Change(const OptionMap& map);

  // What is in force now: every option of the table.
  OptionMap Read() const;

 private:
  const OptionMap asked_;
  Made made_;
};

}  // namespace rocksdb_live
