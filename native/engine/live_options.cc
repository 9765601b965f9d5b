#include "engine/live_options.h"

#include "engine/modes.h"

namespace rocksdb_live {

Error ChangeDbOptions(Store* store, const OptionMap& map) {
  Error allowed = CheckMode(store->mode(), "setDbOptions");
  if (!allowed.ok()) return allowed;
  return Error::From(store->db()->SetDBOptions(map));
}

Error ChangeFamilyOptions(Store* store, const Family& family, const OptionMap& map) {
  Error allowed = CheckMode(store->mode(), "setFamilyOptions");
  if (!allowed.ok()) return allowed;
  return Error::From(store->db()->SetOptions(family.handle(), map));
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
