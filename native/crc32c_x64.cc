// RocksDB's CRC32C on x64: util/crc32c.cc is compiled twice (cmake/crc32c.cmake), and this file
// selects the variant that the processor supports.

#include <cstddef>
#include <cstdint>
#include <string>

#include "processor.h"
#include "util/crc32c.h"

namespace ROCKSDB_NAMESPACE {

namespace crc32c_sse42 {
uint32_t Extend(uint32_t crc, const char* data, size_t size);
uint32_t Crc32cCombine(uint32_t crc1, uint32_t crc2, size_t crc2len);
std::string IsFastCrc32Supported();
}  // namespace crc32c_sse42

namespace crc32c_pclmul {
uint32_t Extend(uint32_t crc, const char* data, size_t size);
uint32_t Crc32cCombine(uint32_t crc1, uint32_t crc2, size_t crc2len);
}  // namespace crc32c_pclmul

namespace crc32c {

// Selected before any database is opened, like RocksDB's own choice.
static const bool has_pclmul = rocksdb_live::HasCarrylessMultiply();

uint32_t Extend(uint32_t crc, const char* data, size_t size) {
  return has_pclmul ? crc32c_pclmul::Extend(crc, data, size)
                    : crc32c_sse42::Extend(crc, data, size);
}

uint32_t Crc32cCombine(uint32_t crc1, uint32_t crc2, size_t crc2len) {
  return has_pclmul ? crc32c_pclmul::Crc32cCombine(crc1, crc2, crc2len)
                    : crc32c_sse42::Crc32cCombine(crc1, crc2, crc2len);
}

std::string IsFastCrc32Supported() { return crc32c_sse42::IsFastCrc32Supported(); }

}  // namespace crc32c
}  // namespace ROCKSDB_NAMESPACE
