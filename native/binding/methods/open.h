// The functions that need no open database, and the setup of an environment.
#pragma once

#include "binding/plumbing/napi_setup.h"

namespace rocksdb_live {

void DefineAddon(napi_env env, napi_value exports);

}  // namespace rocksdb_live
