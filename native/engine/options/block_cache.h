// The cache of blocks that all families of a database share.
#pragma once

#include <cstdint>
#include <memory>

#include "rocksdb/advanced_cache.h"

namespace rocksdb_live {

// Makes a cache of `bytes`: a HyperClockCache if `hyper_clock` is set and the system provides the
// address space that its table needs, otherwise an LRU cache. Name() says which.
std::shared_ptr<rocksdb::Cache> MakeBlockCache(uint64_t bytes, bool hyper_clock);

// Changes the capacity. What exceeds a smaller one is evicted at once, unless it is in use.
void SetBlockCacheBytes(rocksdb::Cache* cache, uint64_t bytes);

}  // namespace rocksdb_live
