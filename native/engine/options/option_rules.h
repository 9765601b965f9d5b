// Refuses options that RocksDB accepts but cannot work with: it checks few numbers, and for a
// family that is created later fewer than at open. The same rules apply at open, to a new family
// and to a change.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

Error CheckDbOptions(const rocksdb::DBOptions& options);
// `where` names the family in the message. `db` are its database's options.
Error CheckFamilyOptions(const std::string& where, const rocksdb::DBOptions& db,
                         const rocksdb::ColumnFamilyOptions& options);

}  // namespace rocksdb_live
