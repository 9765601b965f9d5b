// What a session is asked for: families and snapshots by the numbers that JavaScript has for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/range.h"
#include "engine/reads/cursor.h"

namespace rocksdb_live {

struct PointRead {
  uint32_t family = 0;
  uint32_t snapshot = 0;  // 0 for none
  uint32_t flags = 0;     // ReadFlag
  std::string_view key;   // until the call returns
};

// Of packed keys: see ManyRead::Unpack.
struct ManyRequest {
  uint32_t family = 0;
  uint32_t snapshot = 0;  // 0 for none
  uint32_t flags = 0;     // ReadFlag
  size_t count = 0;
};

// Of a range; whether it is walked in reverse is said in both the range and the flags.
struct ScanRequest {
  uint32_t family = 0;
  uint32_t snapshot = 0;  // 0 for none
  uint32_t flags = 0;     // ReadFlag; of a range that is deleted, WriteFlag
  Range range;
  size_t readahead_bytes = 0;
};

// A transaction that was made.
struct BegunTransaction {
  uint32_t number = 0;
  uint64_t id = 0;  // by which people are told of it
  bool started = false;
};

// A write that is made only where keys hold what is expected.
struct CompareRequest {
  // Packed; see CompareAndWrite. Of each, the first 4 bytes are the family's number.
  std::string_view checks;
  std::string_view batch;  // in wire format
  uint32_t flags = 0;      // WriteFlag
};

// Rows of a cursor, whose number is 0 where it has ended.
struct CursorRows {
  PageResult page;
  uint32_t cursor = 0;
};

}  // namespace rocksdb_live
