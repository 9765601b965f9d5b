// A write that is made only where something still holds: looked at, and written, while nobody else
// writes.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace rocksdb_live {

enum class Verdict : uint8_t {
  kWrite,  // it holds
  kLeave,  // it does not, which is no error
  kWaits,  // that cannot be told without waiting for a disk
};

class CheckedWrite {
 public:
  CheckedWrite() = default;
  CheckedWrite(const CheckedWrite&) = delete;
  CheckedWrite& operator=(const CheckedWrite&) = delete;
  virtual ~CheckedWrite() = default;

  // What can be done beside other writers, so that Check takes less; on the queue's thread.
  virtual void Prepare() {}
  // With the gate closed. `nowait` is on a JavaScript thread.
  virtual Result<Verdict> Check(bool nowait) = 0;
  // It was written. With the gate closed.
  virtual void Written() {}

  std::string batch;  // in wire format
  bool left = false;  // it was not to be written
};

}  // namespace rocksdb_live
