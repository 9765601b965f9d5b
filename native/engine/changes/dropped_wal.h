// WAL files that recovery has dropped. RocksDB archives them beside those that it has recovered,
// and later takes their commits for those that have their sequence numbers now.
#pragma once

#include <string>

#include "rocksdb/db.h"

namespace rocksdb_live {

// Where a database has its WAL.
std::string WalDirectory(const rocksdb::DB* db);
// Deletes archived files of which recovery has taken nothing: those that begin behind the last
// commit, and those whose beginning is damaged, which also keep RocksDB from finding any other.
// Call between opening a database and its first write.
void DeleteDroppedWal(rocksdb::DB* db);

}  // namespace rocksdb_live
