#include "engine/jobs/live_options.h"

#include <cstdlib>
#include <string>

#include "engine/store/modes.h"

namespace rocksdb_live {

Error ChangeDbOptions(Store* store, OptionMap map, uint64_t open_files_budget) {
  Error allowed = CheckMode(store->mode(), "setDbOptions");
  if (!allowed.ok()) return allowed;
  const auto files = map.find("max_open_files");
  if (files != map.end()) {
    const int64_t asked = std::strtoll(files->second.c_str(), nullptr, 10);
    const bool shares = open_files_budget != 0;
    files->second = std::to_string(store->ShareOpenFiles(open_files_budget, shares ? 0 : asked));
  }
  return ChangeDb(store->db(), map);
}

Error ChangeFamilyOptions(Store* store, const std::shared_ptr<Family>& family,
                          const OptionMap& map) {
  Error error = CheckMode(store->mode(), "setFamilyOptions");
  if (error.ok()) error = ChangeFamily(store->db(), family->handle(), map);
  if (error.ok() && kJobsTakeOptionsBack) store->reapplier().Remember(store->db(), family, map);
  return error;
}

}  // namespace rocksdb_live
