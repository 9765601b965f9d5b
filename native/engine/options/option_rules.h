// What RocksDB takes and cannot stand: it checks few numbers, and those of a family that is made
// later less than those at open. The same rules hold at open, for a new family and for a change.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

Error CheckDbOptions(const rocksdb::DBOptions& options);
// `where` names the family in the message. `db` are the options of its database.
Error CheckFamilyOptions(const std::string& where, const rocksdb::DBOptions& db,
                         const rocksdb::ColumnFamilyOptions& options);

}  // namespace rocksdb_live
