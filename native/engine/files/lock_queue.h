// The order in which processes, and threads of one, wait for a directory: first come, first served.
#pragma once

#include <cstdint>
#include <string>

namespace rocksdb_live {

// A place in the queue, kept by locks of bytes of a file in the directory, so that it goes with the
// process. The file is removed by the last who leaves. Where the system has no such locks, or the
// file cannot be made, everyone is first.
class LockQueue {
 public:
  explicit LockQueue(const std::string& path);
  LockQueue(const LockQueue&) = delete;
  LockQueue& operator=(const LockQueue&) = delete;
  ~LockQueue();

  // Nobody who came before is waiting any more.
  bool IsFirst() const;

 private:
  [[maybe_unused]] const std::string file_;
  [[maybe_unused]] int descriptor_ = -1;
  [[maybe_unused]] int64_t ticket_ = 0;
};

}  // namespace rocksdb_live
