// What the system tells of the device that a directory is on.
#pragma once

#include <cstdint>
#include <string>

namespace rocksdb_live {

// Bytes that the device reads at once, at most: the kernel cuts larger reads ahead. The directory
// need not be there yet. 0 where there is no device (tmpfs, overlayfs) or the system does not tell.
uint64_t LargestRead(const std::string& directory);

}  // namespace rocksdb_live
