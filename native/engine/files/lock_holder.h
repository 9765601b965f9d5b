// Who holds a directory, for error messages, as far as the system tells.
#pragma once

#include <string>

namespace rocksdb_live {

// What keeps `path`, a database's directory, from being opened: "another copy of this package in
// this process (12)", "another process (12: node service.js)", or just "another process".
std::string DescribeHolder(const std::string& path);

// The same if RocksDB's own lock is the obstacle, and this process holds the directory's.
std::string DescribeRocksDBHolder(const std::string& path);

// Who has the database open to write, "this process" or as above; empty if nobody has, or if the
// system does not tell. Takes no lock, so that nobody's open fails for it.
std::string HolderOf(const std::string& path);

// Whether another process holds RocksDB's own lock; false if the system does not tell. Never call
// while this process may hold it: looking would drop it.
bool IsLockedByRocksDB(const std::string& path);

}  // namespace rocksdb_live
