// Exceptions that come out of RocksDB or of the standard library, as errors.
//
// RocksDB reports by Status and is not made for exceptions; those that there are mean that memory
// or threads have run out. Whoever calls it on behalf of somebody who waits must tell them,
// whatever was thrown, and let go of what it took: nothing is held without an owner that a
// destructor frees.
#pragma once

#include <utility>

#include "engine/base/error.h"

namespace rocksdb_live {

// Inside a catch: what was thrown, in words that are true of it.
Error CaughtError();

// What `work` returns, an Error or a Result; what it throws becomes one.
template <typename Work>
auto Caught(Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (...) {
    return CaughtError();
  }
}

}  // namespace rocksdb_live
