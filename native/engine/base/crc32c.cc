#include "engine/base/crc32c.h"

#include <array>

namespace rocksdb_live::crc32c {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78U;  // Castagnoli's, bits reversed
constexpr size_t kSlices = 8;
using Tables = std::array<std::array<uint32_t, 256>, kSlices>;

// Table n is for a byte that n more bytes follow.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t n = 1; n < kSlices; ++n) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint32_t ByteOf(const char* data, size_t i) { return static_cast<unsigned char>(data[i]); }

}  // namespace

uint32_t Extend(uint32_t crc, const char* data, size_t size) {
  crc = ~crc;
  for (; size >= kSlices; size -= kSlices, data += kSlices) {
    uint32_t next = 0;
    for (size_t i = 0; i < kSlices; ++i) {
      const uint32_t folded = i < 4 ? crc >> (8 * i) & 0xff : 0;
      next ^= kTables[kSlices - 1 - i][ByteOf(data, i) ^ folded];
    }
    crc = next;
  }
  for (size_t i = 0; i < size; ++i) crc = (crc >> 8) ^ kTables[0][(crc ^ ByteOf(data, i)) & 0xff];
  return ~crc;
}

}  // namespace rocksdb_live::crc32c
