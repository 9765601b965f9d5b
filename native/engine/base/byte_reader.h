// Reads numbers and strings in RocksDB's encoding (its util/coding.h). Once a read has failed, all
// later reads fail.
#pragma once

#include <cstdint>
#include <string_view>

namespace rocksdb_live {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  uint64_t Varint() {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift <= 63 && !rest_.empty(); shift += 7) {
      const uint64_t byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }

  // Little-endian, up to eight bytes.
  uint64_t Fixed(size_t bytes) {
    uint64_t value = 0;
    const std::string_view text = Bytes(bytes);
    for (size_t i = 0; i < text.size(); ++i) {
      value |= uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
    }
    return value;
  }

  std::string_view Bytes(uint64_t count) {
    if (!ok_ || count > rest_.size()) {
      Fail();
      return {};
    }
    const std::string_view bytes = rest_.substr(0, static_cast<size_t>(count));
    rest_.remove_prefix(static_cast<size_t>(count));
    return bytes;
  }

  // Prefixed by its length.
  std::string_view String() {
    const uint64_t length = Varint();
    return Bytes(length);
  }

 private:
  uint64_t Fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace rocksdb_live
