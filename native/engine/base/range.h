// A range of keys in bytewise order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rocksdb_live {

struct Range {
  std::optional<std::string> lower;  // inclusive
  std::optional<std::string> upper;  // exclusive
  int64_t limit = -1;                // rows; -1 for all
  bool reverse = false;
};

}  // namespace rocksdb_live
