// Database.repair.
#pragma once

#include "binding/plumbing/call.h"

namespace rocksdb_live {

// NativeAddon.repair of lib/native/addon.ts.
napi_value Repair(Call& call);

}  // namespace rocksdb_live
