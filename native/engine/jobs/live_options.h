// Changes options while the database is open. May take long, since RocksDB rewrites its OPTIONS
// file: never on a JavaScript thread.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/store/store.h"

namespace rocksdb_live {

// If `map` has max_open_files, `open_files_budget` says whether that is a budget to share.
Error ChangeDbOptions(Store* store, OptionMap map, uint64_t open_files_budget);
Error ChangeFamilyOptions(Store* store, const std::shared_ptr<Family>& family,
                          const OptionMap& map);

}  // namespace rocksdb_live
