// The requests of a session. Families and snapshots are given by the numbers that JavaScript holds.
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
  std::string_view key;   // must stay valid until the call returns
};

// A read of packed keys: see ManyRead::Unpack.
struct ManyRequest {
  uint32_t family = 0;
  uint32_t snapshot = 0;  // 0 for none
  uint32_t flags = 0;     // ReadFlag
  size_t count = 0;
};

// A scan of a range; both the range and the flags say whether it runs in reverse.
struct ScanRequest {
  uint32_t family = 0;
  uint32_t snapshot = 0;  // 0 for none
  uint32_t flags = 0;     // ReadFlag; to delete a range, WriteFlag
  Range range;
  size_t readahead_bytes = 0;
};

// A transaction that was created.
struct BegunTransaction {
  uint32_t number = 0;
  uint64_t id = 0;  // as messages show it
  bool started = false;
};

// A write that is made only if keys hold the expected values.
struct CompareRequest {
  // Packed; see CompareAndWrite. The first 4 bytes of each are the family's number.
  std::string_view checks;
  std::string_view batch;  // in wire format
  uint32_t flags = 0;      // WriteFlag
};

// Rows of a cursor; `cursor` is 0 once it has ended.
struct CursorRows {
  PageResult page;
  uint32_t cursor = 0;
};

}  // namespace rocksdb_live
