// Checks the processor for instructions that the addon needs and that not every processor of its
// kind has. Code that runs before the addon's entry must not need them: CMake sets such flags for
// no file except the checksums (cmake/crc32c.cmake).
#pragma once

namespace rocksdb_live {

// Returns the required instructions that this processor lacks, as text for a message; null if it
// has them all. On x64 they are x86-64-v2, which RocksDB's checksums need.
const char* MissingInstructions();

// Whether the processor has PCLMULQDQ, which makes RocksDB's checksums about three times as fast.
bool HasCarrylessMultiply();

}  // namespace rocksdb_live
