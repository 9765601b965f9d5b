// A conditional write: checked and then written while nobody else writes.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace rocksdb_live {

enum class Verdict : uint8_t {
  kWrite,  // its condition holds
  kLeave,  // its condition does not hold, which is no error
  kWaits,  // unknown without waiting for a disk
};

class CheckedWrite {
 public:
  CheckedWrite() = default;
  CheckedWrite(const CheckedWrite&) = delete;
  CheckedWrite& operator=(const CheckedWrite&) = delete;
  virtual ~CheckedWrite() = default;

  // Work that can be done beside other writers, so that Check is shorter. Runs on the queue's
  // thread.
  virtual void Prepare() {}
  // Call with the gate closed. `nowait` is set on a JavaScript thread.
  virtual Result<Verdict> Check(bool nowait) = 0;
  // It was written. Called with the gate closed.
  virtual void Written() {}

  std::string batch;  // in wire format
  bool left = false;  // its condition did not hold
};

}  // namespace rocksdb_live
