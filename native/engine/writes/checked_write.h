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
  // Whether what it reads is about to be written by a commit that is pending: Check cannot see
  // that.
  virtual bool ReadsPending() const { return false; }
  // It was written. Called with the gate closed, or in the order of the writes.
  virtual void Written() {}

  std::string batch;  // in wire format
  bool left = false;  // its condition did not hold
};

}  // namespace rocksdb_live
