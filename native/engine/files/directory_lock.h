// Keeps one directory to one copy of RocksDB. RocksDB's own lock belongs to the process: another
// copy of RocksDB in the same process (two versions of the package, say) does not see it, and drops
// it.
#pragma once

#include <string>

#include "engine/base/error.h"

namespace rocksdb_live {

// What is said of a directory that another process, or another copy of this package, has.
Error LockedBy(const std::string& holder);

// Held until it is released or destroyed. On Windows RocksDB's own lock is enough; there, and on
// file systems without flock, this does nothing.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock() { Release(); }

  // kLocked where another process, or another copy of RocksDB in this one, holds it.
  Error Take(const std::string& path);
  void Release();

 private:
  [[maybe_unused]] int descriptor_ = -1;
};

}  // namespace rocksdb_live
