// A walk over a range, both ways, that packs many rows per call.
//
// Used by one thread at a time: the session sees to it that a cursor with a job under way is left
// alone. The RocksDB iterator is made with the first row, so that opening never touches the disk.
#pragma once

#include <optional>
#include <string>

#include "engine/base/error.h"
#include "engine/base/resource.h"
#include "engine/reads/range_iterator.h"

namespace rocksdb_live {

// Where rows are packed: key and value end to end in `bytes`; 2 * count + 1 cumulative `offsets`.
struct Page {
  char* bytes = nullptr;
  size_t capacity = 0;
  uint32_t* offsets = nullptr;
  size_t max_rows = 0;
};

struct PageResult {
  Error error;
  uint32_t count = 0;
  // What `bytes` must hold for the next row, where it holds too few and count is 0.
  size_t needed = 0;
  bool exhausted = false;
  // The cursor is bound to memory and the next row is not there.
  bool not_cached = false;
};

class Cursor {
 public:
  static constexpr ResourceKind kKind = ResourceKind::kCursor;
  static constexpr const char* kClosed = "the cursor is closed";
  static constexpr const char* kBusy = "the cursor is reading its next rows";

  using Config = RangeConfig;

  explicit Cursor(Config config);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  PageResult Next(const Page& page);
  // To the first row at or after `key` (reverse: at or before), kept within the range.
  void Seek(const rocksdb::Slice& key);
  // From here on may do IO; the position and the view stay. Needs a snapshot in the config.
  void AllowIo();

 private:
  bool Pack(const Page& page, PageResult* result, size_t* used);

  Config config_;
  int64_t left_;  // rows that the limit still allows; -1 for all
  bool positioned_ = false;
  // Where to go on from when the iterator is made anew; unused while it lives.
  std::string resume_key_;
  bool resume_ = false;
  std::optional<RangeIterator> iterator_;
};

}  // namespace rocksdb_live
