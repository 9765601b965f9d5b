// Who has a directory, for the texts of errors: as far as the system tells.
#pragma once

#include <string>

namespace rocksdb_live {

// What keeps `path`, a database's directory, from being opened: "another copy of this package in
// this process (12)", "another process (12: node service.js)", or "another process" where nobody
// tells more.
std::string DescribeHolder(const std::string& path);

// The same where RocksDB's own lock is what keeps it, and this process has the directory's.
std::string DescribeRocksDBHolder(const std::string& path);

// Whether another process has RocksDB's own lock. False where the system does not tell. Never to be
// asked where this process may have it: looking would drop it.
bool IsLockedByRocksDB(const std::string& path);

}  // namespace rocksdb_live
