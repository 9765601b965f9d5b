// The cache of blocks that all families of a database share.
#pragma once

#include <cstdint>
#include <memory>

#include "rocksdb/advanced_cache.h"

namespace rocksdb_live {

// A cache of `bytes`: a HyperClockCache where `hyper_clock` is asked for and the system gives the
// address space that its table needs, else an LRU cache. Name() says which.
std::shared_ptr<rocksdb::Cache> MakeBlockCache(uint64_t bytes, bool hyper_clock);

// Gives it another capacity. What is above a smaller one is evicted at once, as far as nobody uses
// it.
void SetBlockCacheBytes(rocksdb::Cache* cache, uint64_t bytes);

}  // namespace rocksdb_live
