#include "engine/files/file_lock.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#endif

namespace rocksdb_live {

#ifdef _WIN32

Result<std::unique_ptr<FileLock>> FileLock::Try(const std::string& path) {
  std::unique_ptr<FileLock> lock(new FileLock());
  const rocksdb::Status status = rocksdb::Env::Default()->LockFile(path, &lock->lock_);
  // It says the same of a file that cannot be opened: a name that can be looked up exists.
  if (!status.ok() && !rocksdb::Env::Default()->FileExists(path).ok()) return Error::From(status);
  return status.ok() ? std::move(lock) : nullptr;
}

FileLock::~FileLock() {
  if (lock_ != nullptr) rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError();
}

#else

Result<std::unique_ptr<FileLock>> FileLock::Try(const std::string& path) {
  std::unique_ptr<FileLock> lock(new FileLock());
  constexpr mode_t kMode = 0644;
  lock->descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  const bool opened = lock->descriptor_ >= 0;
  if (opened && flock(lock->descriptor_, LOCK_EX | LOCK_NB) == 0) return lock;
  if (opened && errno == EWOULDBLOCK) return std::unique_ptr<FileLock>();
  return Error(errno == ENOSPC ? Code::kNoSpace : Code::kIo,
               "cannot lock " + path + ": " + std::generic_category().message(errno));
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  // Explicitly: a forked child shares the descriptor until it execs.
  flock(descriptor_, LOCK_UN);
  close(descriptor_);
}

#endif

}  // namespace rocksdb_live
