// Values with columns (RocksDB's PutEntity), which other programs have written. Readers that do not
// ask for columns get the unnamed column, or an empty value, and would take that for the value.
#pragma once

#include <memory>

#include "rocksdb/db.h"

namespace rocksdb_live {

// Wraps the database so that reading a value with columns fails with NotSupported. Costs a few
// percent of each read, so use it only if other programs may have written to the database.
std::unique_ptr<rocksdb::DB> RefuseWideColumns(std::unique_ptr<rocksdb::DB> db);

}  // namespace rocksdb_live
