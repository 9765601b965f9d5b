// Who has a database open for writing.
#pragma once

#include <string>

namespace rocksdb_live {

// "process 123", "this process" or, where the system does not tell, ""; of the lock that a writer
// holds on the LOCK file of the database in `path`. Opens nothing: closing any descriptor of LOCK
// drops the lock that this process may hold itself.
std::string WriterOf(const std::string& path);

}  // namespace rocksdb_live
