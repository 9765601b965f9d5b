// A walk over a range, in both directions, that packs many rows per call.
//
// Used by one thread at a time: the session keeps other calls away from a cursor that a job is
// using. The RocksDB iterator is created with the first row, so opening a cursor never reads the
// disk.
#pragma once

#include <optional>
#include <string>

#include "engine/base/error.h"
#include "engine/base/resource.h"
#include "engine/reads/range_iterator.h"

namespace rocksdb_live {

// Where rows are packed: keys and values end to end in `bytes`, and 2 * count + 1 cumulative
// `offsets`.
struct Page {
  char* bytes = nullptr;
  size_t capacity = 0;
  uint32_t* offsets = nullptr;
  size_t max_rows = 0;
};

struct PageResult {
  Error error;
  uint32_t count = 0;
  // How many bytes the next row needs, if `bytes` is too small for it and count is 0.
  size_t needed = 0;
  bool exhausted = false;
  // The cursor may read memory only, and the next row is on disk.
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
  // Moves to the first row at or after `key` (in reverse: at or before), within the range.
  void Seek(const rocksdb::Slice& key);
  // Allows IO from now on; position and view stay the same. Needs a snapshot in the config.
  void AllowIo();

 private:
  bool Pack(const Page& page, PageResult* result, size_t* used);

  Config config_;
  int64_t left_;  // rows left until the limit; -1 for no limit
  bool positioned_ = false;
  // Where to continue when the iterator is created again; unused while it exists.
  std::string resume_key_;
  bool resume_ = false;
  std::optional<RangeIterator> iterator_;
};

}  // namespace rocksdb_live
