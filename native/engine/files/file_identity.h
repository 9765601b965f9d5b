// Tells a file from a copy of it.
#pragma once

#include <string>

namespace rocksdb_live {

// What the file system knows a file by, and when it was made, as a text without line breaks: stays
// the same when the file is renamed or rewritten, and differs for a copy. Device numbers are not
// part of it: they change when the machine starts. Empty if there is no such file.
std::string FileIdentity(const std::string& path);

}  // namespace rocksdb_live
