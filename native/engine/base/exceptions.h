// Turns exceptions from RocksDB or the standard library into errors.
//
// RocksDB reports by Status and is not made for exceptions; those that occur mean that memory or
// threads have run out. Code that calls it for somebody who waits must report whatever was thrown
// and release what it took: every resource has an owner whose destructor releases it.
#pragma once

#include <utility>

#include "engine/base/error.h"

namespace rocksdb_live {

// Call inside a catch block: describes the current exception.
Error CaughtError();

// Returns the result of `work`, an Error or a Result; an exception becomes one.
template <typename Work>
auto Caught(Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (...) {
    return CaughtError();
  }
}

}  // namespace rocksdb_live
