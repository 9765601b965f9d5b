#include "engine/files/lock_queue.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <cerrno>
#include <chrono>
#include <thread>

namespace rocksdb_live {

#ifndef F_OFD_SETLK

LockQueue::LockQueue(const std::string& path) : file_(path) {}
LockQueue::~LockQueue() = default;
bool LockQueue::IsFirst() const { return true; }

#else

namespace {

// Byte 0 is locked while a place is taken or left; the other bytes are places.
constexpr off_t kGate = 0;
constexpr off_t kFirst = 1;
constexpr off_t kToTheEnd = 0;

// Locks belong to the open file, not to the process: threads of one process queue as well.
struct flock Bytes(short type, off_t start, off_t length) {  // NOLINT(google-runtime-int)
  struct flock bytes = {};
  bytes.l_type = type;
  bytes.l_whence = SEEK_SET;
  bytes.l_start = start;
  bytes.l_len = length;
  return bytes;
}

bool Lock(int descriptor, off_t byte) {
  struct flock bytes = Bytes(F_WRLCK, byte, 1);
  return fcntl(descriptor, F_OFD_SETLK, &bytes) == 0;
}

void Unlock(int descriptor, off_t byte) {
  struct flock bytes = Bytes(F_UNLCK, byte, 1);
  static_cast<void>(fcntl(descriptor, F_OFD_SETLK, &bytes));
}

// The first of these bytes that somebody else has locked; -1 if none.
off_t Taken(int descriptor, off_t start, off_t length) {
  struct flock bytes = Bytes(F_WRLCK, start, length);
  if (fcntl(descriptor, F_OFD_GETLK, &bytes) != 0) return -1;
  return bytes.l_type == F_UNLCK ? -1 : bytes.l_start;
}

// Enters the gate, which everyone holds only briefly. Returns false if the file was removed
// meanwhile, or, with errno, if the file system has no such locks.
bool Enter(int descriptor, const std::string& file) {
  while (!Lock(descriptor, kGate)) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  errno = 0;
  struct stat mine;
  struct stat there;
  return fstat(descriptor, &mine) == 0 && stat(file.c_str(), &there) == 0 &&
         mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

}  // namespace

LockQueue::LockQueue(const std::string& path) : file_(path + "/LOCK.queue") {
  for (;;) {
    descriptor_ = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) return;
    if (Enter(descriptor_, file_)) break;
    const bool unknown = errno == EINVAL || errno == ENOLCK || errno == ENOSYS;
    close(descriptor_);
    descriptor_ = -1;
    if (unknown) return;  // a file system without such locks
  }
  ticket_ = kFirst;
  for (off_t taken = 0; (taken = Taken(descriptor_, ticket_, kToTheEnd)) >= 0;) ticket_ = taken + 1;
  static_cast<void>(Lock(descriptor_, ticket_));
  Unlock(descriptor_, kGate);
}

LockQueue::~LockQueue() {
  if (descriptor_ < 0) return;
  if (Enter(descriptor_, file_) && Taken(descriptor_, kFirst, kToTheEnd) < 0) {
    unlink(file_.c_str());
  }
  close(descriptor_);
}

bool LockQueue::IsFirst() const {
  return descriptor_ < 0 || ticket_ == kFirst || Taken(descriptor_, kFirst, ticket_ - kFirst) < 0;
}

#endif

}  // namespace rocksdb_live
