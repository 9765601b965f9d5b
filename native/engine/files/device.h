// What the system knows about the device of a directory.
#pragma once

#include <cstdint>
#include <string>

namespace rocksdb_live {

// The most bytes that the device reads at once: the kernel splits larger readahead. The directory
// need not exist yet. Returns 0 if there is no device (tmpfs, overlayfs) or the system does not
// tell.
uint64_t LargestRead(const std::string& directory);

}  // namespace rocksdb_live
