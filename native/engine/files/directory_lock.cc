#include "engine/files/directory_lock.h"

#include "engine/files/lock_holder.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace rocksdb_live {

Error LockedBy(const std::string& holder) {
  return Error(Code::kLocked,
               holder +
                   " has it open: close it there, wait for that with waitForLockMs, or open it "
                   "here with mode 'read-only' or { secondary: directory }");
}

#ifdef _WIN32

Error DirectoryLock::Take(const std::string& path) {
  static_cast<void>(path);
  return Error();
}

void DirectoryLock::Release() {}

#else

Error DirectoryLock::Take(const std::string& path) {
  // Lock the directory, not its LOCK file: closing any descriptor of LOCK would drop RocksDB's
  // lock.
  descriptor_ = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0 || flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
    return Error();  // RocksDB's own error describes it better
  }
  close(descriptor_);
  descriptor_ = -1;
  return LockedBy(DescribeHolder(path));
}

void DirectoryLock::Release() {
  if (descriptor_ < 0) return;
  // Unlock explicitly: a forked child shares the descriptor until it execs, so a close would not
  // unlock.
  flock(descriptor_, LOCK_UN);
  close(descriptor_);
  descriptor_ = -1;
}

#endif

}  // namespace rocksdb_live
