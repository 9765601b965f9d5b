// A value or the error that stands in its place.
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

// What work without a value returns.
struct Nothing {};

}  // namespace rocksdb_live
