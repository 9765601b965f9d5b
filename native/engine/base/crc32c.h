// The checksum of RocksDB's files, which its public headers do not offer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rocksdb_live::crc32c {

// Extends `crc`, the checksum of the preceding bytes, by these bytes.
uint32_t Extend(uint32_t crc, const char* data, size_t size);

inline uint32_t Value(const char* data, size_t size) { return Extend(0, data, size); }

// The form stored in files: a checksum over bytes that contain checksums would be weak.
inline uint32_t Mask(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }
inline uint32_t Unmask(uint32_t masked) {
  const uint32_t turned = masked - 0xa282ead8U;
  return (turned >> 17) | (turned << 15);
}

}  // namespace rocksdb_live::crc32c
