#include "engine/live_options.h"

namespace rocksdb_live {

Error ChangeDbOptions(Store* store, const OptionMap& map) { return ChangeDb(store->db(), map); }

Error ChangeFamilyOptions(Store* store, const Family& family, const OptionMap& map) {
  return ChangeFamily(store->db(), family.handle(), map);
}

Error ChangeShared(Store* store, const SharedChange& change) {
  SharedObjects& shared = store->shared();
  Error error;
  if (change.rate_limit_bytes_per_sec)
    error = shared.SetRateLimit(*change.rate_limit_bytes_per_sec);
  if (error.ok() && change.write_buffer_bytes) {
    error = shared.SetWriteBufferBytes(*change.write_buffer_bytes);
  }
  if (error.ok() && change.block_cache_bytes) shared.SetBlockCacheBytes(*change.block_cache_bytes);
  return error;
}

}  // namespace rocksdb_live
