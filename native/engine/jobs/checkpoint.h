// A copy of an open database that can be opened as it is.
#pragma once

#include <string>

#include "engine/store/store.h"

namespace rocksdb_live {

// Uses hard links if the file system has them. `path` must not exist. Writes go on meanwhile; the
// copy has everything written before, and ends with a complete batch.
Error MakeCheckpoint(Store* store, const std::string& path);

}  // namespace rocksdb_live
