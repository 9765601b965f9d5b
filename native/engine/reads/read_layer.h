// What lies over the database for some reads: a transaction's own writes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/family.h"
#include "rocksdb/iterator.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace rocksdb_live {

struct RangeConfig;

// What own writes make of one key.
struct OwnWrite {
  enum class Kind : uint8_t {
    kNone,      // nothing: what the database has counts
    kDeleted,   // there is no such key
    kValue,     // `value`
    kOperands,  // `operands`, merged into what is before them
  };
  Kind kind = Kind::kNone;
  std::string value;
  std::vector<std::string> operands;  // the oldest first
  // What they are merged into is known: `base`, or nothing. Else it is what the database has.
  bool over_known = false;
  std::optional<std::string> base;

  // Whether it is to be known what the database has.
  bool needs_base() const {
    return kind == Kind::kNone || (kind == Kind::kOperands && !over_known);
  }
  // Sets `value` to the operands, merged into `found`, null where the database has nothing, or into
  // what is known.
  rocksdb::Status Merge(const Family& family, const rocksdb::Slice& key,
                        const rocksdb::Slice* found);
};

// Any thread.
class ReadLayer {
 public:
  virtual ~ReadLayer() = default;
  virtual OwnWrite Look(const Family& family, const rocksdb::Slice& key) const = 0;
  // Lays over an iterator what was written when the range was opened (RangeConfig::layer_mark).
  virtual std::unique_ptr<rocksdb::Iterator> Over(std::unique_ptr<rocksdb::Iterator> base,
                                                  const RangeConfig& config) const = 0;
};

// Merges operands, the oldest first, into a value; null where there is none.
rocksdb::Status MergeOperands(const Family& family, const rocksdb::Slice& key,
                              const rocksdb::Slice* base, const std::vector<std::string>& operands,
                              std::string* value);

}  // namespace rocksdb_live
