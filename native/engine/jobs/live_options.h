// Options that change while the database is open. They take their time (RocksDB writes its OPTIONS
// file anew): never on a JavaScript thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/store/store.h"

namespace rocksdb_live {

struct SharedChange {
  std::optional<uint64_t> block_cache_bytes;
  std::optional<uint64_t> rate_limit_bytes_per_sec;
  std::optional<uint64_t> write_buffer_bytes;
};

// Where `map` has max_open_files, `open_files_budget` says whether that is a budget to share.
Error ChangeDbOptions(Store* store, OptionMap map, uint64_t open_files_budget);
Error ChangeFamilyOptions(Store* store, const std::shared_ptr<Family>& family,
                          const OptionMap& map);
Error ChangeShared(Store* store, const SharedChange& change);

}  // namespace rocksdb_live
