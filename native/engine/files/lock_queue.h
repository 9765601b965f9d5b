// The order in which processes, and threads of one process, wait for a directory: first come, first
// served.
#pragma once

#include <cstdint>
#include <string>

namespace rocksdb_live {

// A place in the queue, kept by locking a byte of a file in the directory, so that it ends with the
// process. The last to leave removes the file. If the system has no such locks, or the file cannot
// be created, everyone is first.
class LockQueue {
 public:
  explicit LockQueue(const std::string& path);
  LockQueue(const LockQueue&) = delete;
  LockQueue& operator=(const LockQueue&) = delete;
  ~LockQueue();

  // Whether everybody who came before has left.
  bool IsFirst() const;

 private:
  [[maybe_unused]] const std::string file_;
  [[maybe_unused]] int descriptor_ = -1;
  [[maybe_unused]] int64_t ticket_ = 0;
};

}  // namespace rocksdb_live
