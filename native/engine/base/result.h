// A value, or the error that replaces it.
#pragma once

#include <utility>

#include "engine/base/error.h"

namespace rocksdb_live {

template <typename T>
struct [[nodiscard]] Result {
  Result(T v) : value(std::move(v)) {}      // NOLINT(google-explicit-constructor)
  Result(Error e) : error(std::move(e)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return error.ok(); }

  Error error;
  T value{};
};

// The value of work that returns none.
struct Nothing {};

}  // namespace rocksdb_live
