// What the processor can do, where the addon needs more than every processor of its kind has.
// Nothing that runs before the addon's entry may need it: CMake gives no file such flags, except
// the checksums (cmake/crc32c.cmake).
#pragma once

namespace rocksdb_live {

// What this processor lacks of the instructions that the addon needs, as words for a message; null
// where it has them all. On x64 that is x86-64-v2, without which RocksDB's checksums do not run.
const char* MissingInstructions();

// Whether it has PCLMULQDQ, with which RocksDB computes checksums about three times as fast.
bool HasCarrylessMultiply();

}  // namespace rocksdb_live
