// Who has a database open for writing.
#pragma once

#include <string>

namespace rocksdb_live {

// Returns the holder of the lock on LOCK of the database in `path`: "process 123", "this process"
// or, if unknown, "". Opens nothing: closing any descriptor of LOCK would drop a lock of this
// process.
std::string WriterOf(const std::string& path);

}  // namespace rocksdb_live
