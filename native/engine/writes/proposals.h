// Where a queue's writes go if they are not written at once: into a log first.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/watch/recorder.h"
#include "engine/writes/checked_write.h"

namespace rocksdb_live {

// Called on the queue's thread, in order. Any call may wait for earlier proposals.
class Proposals {
 public:
  using Done = std::function<void(const Error&)>;

  Proposals() = default;
  Proposals(const Proposals&) = delete;
  Proposals& operator=(const Proposals&) = delete;
  virtual ~Proposals() = default;

  // Takes a batch in wire format. `done` is told, on any thread, when it is written or has failed;
  // that may be before this returns. If the batch is refused, returns why: then the batch is as it
  // was, and `done` is never called.
  virtual Error Propose(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                        Done done) = 0;
  // Checks the write, and takes its batch if the condition holds. `done` is always told.
  virtual void ProposeChecked(const std::shared_ptr<CheckedWrite>& write, uint32_t flags,
                              const Done& done) = 0;
  // Waits until everything that was proposed is written, or has failed. Fails if nothing can be
  // proposed after it.
  virtual Error Settle() = 0;
};

}  // namespace rocksdb_live
