// Writes laid over the database for some reads: a transaction's own.
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

// The effect of own writes on one key.
struct OwnWrite {
  enum class Kind : uint8_t {
    kNone,      // no effect: the database's value counts
    kDeleted,   // there is no such key
    kValue,     // `value`
    kOperands,  // `operands` are merged into what is below them
  };
  Kind kind = Kind::kNone;
  std::string value;
  std::vector<std::string> operands;  // oldest first
  // Whether the value below the operands is known: `base`, or no value. Otherwise it is the
  // database's.
  bool over_known = false;
  std::optional<std::string> base;

  // Whether the database must be asked.
  bool needs_base() const {
    return kind == Kind::kNone || (kind == Kind::kOperands && !over_known);
  }
  // Sets `value` to the operands merged into the known value or, without one, into `found` (null if
  // the database has no value).
  rocksdb::Status Merge(const Family& family, const rocksdb::Slice& key,
                        const rocksdb::Slice* found);
};

// Any thread.
class ReadLayer {
 public:
  virtual ~ReadLayer() = default;
  virtual OwnWrite Look(const Family& family, const rocksdb::Slice& key) const = 0;
  // Lays the writes visible at config.layer_mark over an iterator.
  virtual std::unique_ptr<rocksdb::Iterator> Over(std::unique_ptr<rocksdb::Iterator> base,
                                                  const RangeConfig& config) const = 0;
};

// Merges operands, oldest first, into a value; null means no value.
rocksdb::Status MergeOperands(const Family& family, const rocksdb::Slice& key,
                              const rocksdb::Slice* base, const std::vector<std::string>& operands,
                              std::string* value);

}  // namespace rocksdb_live
