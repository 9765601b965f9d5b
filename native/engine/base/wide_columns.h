// Values that other programs have written with columns (RocksDB's PutEntity). RocksDB gives readers
// who do not ask for columns what the unnamed one has, or nothing: they would take that for the
// value.
#pragma once

#include <memory>

#include "rocksdb/db.h"

namespace rocksdb_live {

// The same database; reading a value with columns fails with NotSupported. Costs a few percent of
// each read, so it is for databases that others may have written.
std::unique_ptr<rocksdb::DB> RefuseWideColumns(std::unique_ptr<rocksdb::DB> db);

}  // namespace rocksdb_live
