#include "engine/changes/token.h"

#include <cstring>

#include "engine/base/crc32c.h"

namespace rocksdb_live {
namespace {

constexpr char kVersion = 1;
constexpr size_t kEpochBytes = 16;
constexpr size_t kTokenBytes = 1 + kEpochBytes + 4 + 4 + 8 + 4;

void Put(std::string* to, uint64_t value, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) to->push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

uint64_t Take(const std::string& from, size_t* at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<uint8_t>(from[(*at)++]);
  return value;
}

int ValueOf(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

std::string HexOf(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text.push_back(kDigits[static_cast<uint8_t>(byte) >> 4]);
    text.push_back(kDigits[static_cast<uint8_t>(byte) & 15]);
  }
  return text;
}

bool FromHex(const std::string& text, std::string* bytes) {
  bytes->clear();
  if (text.size() % 2 != 0) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = ValueOf(text[i]);
    const int low = ValueOf(text[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes->push_back(static_cast<char>(high << 4 | low));
  }
  return true;
}

std::string EncodeToken(const std::string& epoch, const Position& position) {
  std::string bytes(1, kVersion);
  bytes += epoch;
  bytes.resize(1 + kEpochBytes);
  Put(&bytes, position.incarnation, 4);
  Put(&bytes, position.families, 4);
  Put(&bytes, position.next, 8);
  Put(&bytes, crc32c::Value(bytes.data(), bytes.size()), 4);
  return HexOf(bytes);
}

Result<Token> DecodeToken(const std::string& text) {
  std::string bytes;
  if (!FromHex(text, &bytes) || bytes.empty()) {
    return Error(Code::kInvalidArgument, "this is not a token of changes");
  }
  if (bytes[0] != kVersion) {
    return Error(Code::kInvalidArgument,
                 "this token of changes is of another version of the package (version " +
                     std::to_string(static_cast<uint8_t>(bytes[0])) + ")");
  }
  const size_t end = kTokenBytes - 4;
  size_t at = end;
  if (bytes.size() != kTokenBytes || crc32c::Value(bytes.data(), end) != Take(bytes, &at, 4)) {
    return Error(Code::kInvalidArgument, "this token of changes is cut short or damaged");
  }
  Token token;
  token.epoch = bytes.substr(1, kEpochBytes);
  at = 1 + kEpochBytes;
  token.position.incarnation = static_cast<uint32_t>(Take(bytes, &at, 4));
  token.position.families = static_cast<uint32_t>(Take(bytes, &at, 4));
  token.position.next = Take(bytes, &at, 8);
  return token;
}

}  // namespace rocksdb_live
