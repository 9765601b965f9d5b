// Where a reader of changes is: a position, and its text.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace rocksdb_live {

// Everything before `next` has been read.
struct Position {
  // The stretch of history, within which RocksDB gives each sequence number once.
  uint32_t incarnation = 0;
  // How many of the history's family records have been read.
  uint32_t families = 0;
  uint64_t next = 0;  // sequence number
};

// The text of a position: opaque to users, checked when it comes back.
std::string EncodeToken(const std::string& epoch, const Position& position);

struct Token {
  std::string epoch;
  Position position;
};

// Fails with kInvalidArgument if the text is not a token of this version.
Result<Token> DecodeToken(const std::string& text);

std::string HexOf(const std::string& bytes);
// Returns false if the text is not hexadecimal.
bool FromHex(const std::string& text, std::string* bytes);

}  // namespace rocksdb_live
