// Ensures that only one copy of RocksDB uses a directory. RocksDB's own lock belongs to the
// process: another copy in the same process (two versions of the package, for example) would not
// see it, and would drop it.
#pragma once

#include <string>

#include "engine/base/error.h"

namespace rocksdb_live {

// The error for a directory that another process, or another copy of this package, has locked.
Error LockedBy(const std::string& holder);

// Held until it is released or destroyed. On Windows RocksDB's own lock is enough; there, and on
// file systems without flock, this does nothing.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock() { Release(); }

  // kLocked if another process, or another copy of RocksDB in this one, holds it.
  Error Take(const std::string& path);
  void Release();

 private:
  [[maybe_unused]] int descriptor_ = -1;
};

}  // namespace rocksdb_live
