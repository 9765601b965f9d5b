#ifdef __linux__

#include "engine/files/nowait_linux.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/files/nowait_files.h"

namespace rocksdb_live {
namespace {

using rocksdb::FSRandomAccessFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// From linux/fs.h and linux/magic.h, whose older versions lack them.
constexpr int kRwfNowait = 8;
constexpr auto kTmpfs = 0x01021994;

// preadv2(2) with RWF_NOWAIT; through syscall, since older musl has no function for it.
ssize_t ReadPageCache(int file, char* bytes, size_t size, uint64_t offset) {
  iovec into{bytes, size};
  return syscall(SYS_preadv2, file, &into, 1L, static_cast<long>(offset), 0L, kRwfNowait);
}

bool IsInMemory(int file) {
  struct statfs system {};
  return fstatfs(file, &system) == 0 && system.f_type == kTmpfs;
}

// Like RocksDB's own file for buffered reads (env/io_posix.cc), but with reads that do not wait.
class NowaitFile : public FSRandomAccessFile {
 public:
  NowaitFile(std::string path, int file)
      : path_(std::move(path)), file_(file), in_memory_(IsInMemory(file)) {}
  NowaitFile(const NowaitFile&) = delete;
  NowaitFile& operator=(const NowaitFile&) = delete;
  ~NowaitFile() override { close(file_); }

  IOStatus Read(uint64_t offset, size_t size, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* /*debug*/) const override {
    const bool nowait = NowaitScope::Binds(options) && !in_memory_;
    *result = Slice(scratch, 0);
    if (nowait && !knows_.load(std::memory_order_relaxed)) return Waits();
    size_t read = 0;
    while (read < size) {
      const ssize_t got =
          nowait ? ReadPageCache(file_, scratch + read, size - read, offset + read)
                 : pread(file_, scratch + read, size - read, static_cast<off_t>(offset + read));
      if (got == 0) break;
      if (got > 0) {
        read += static_cast<size_t>(got);
      } else if (errno != EINTR) {
        return nowait ? NotThere(errno) : Failed("read", errno);
      }
    }
    *result = Slice(scratch, read);
    return IOStatus::OK();
  }

  IOStatus Prefetch(uint64_t offset, size_t size, const IOOptions& options,
                    IODebugContext* /*debug*/) override {
    if (NowaitScope::Binds(options)) return Waits();
    const bool done = readahead(file_, static_cast<off64_t>(offset), size) == 0;
    return done ? IOStatus::OK() : Failed("readahead", errno);
  }

  void Hint(AccessPattern pattern) override {
    static constexpr int kAdvice[] = {POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL,
                                      POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED};
    posix_fadvise(file_, 0, 0, kAdvice[pattern]);
  }

  IOStatus InvalidateCache(size_t offset, size_t length) override {
    const int error = posix_fadvise(file_, static_cast<off_t>(offset), static_cast<off_t>(length),
                                    POSIX_FADV_DONTNEED);
    return error == 0 ? IOStatus::OK() : Failed("posix_fadvise", error);
  }

 private:
  static IOStatus Waits() {
    NowaitScope::Refuse();
    return IOStatus::TimedOut("the file is not in memory");
  }

  // Treat any error as "would wait": a read that may wait follows, and meets the error again.
  IOStatus NotThere(int error) const {
    if (error != EAGAIN) knows_.store(false, std::memory_order_relaxed);
    return Waits();
  }

  IOStatus Failed(const char* call, int error) const {
    return IOStatus::IOError(std::string(call) + " " + path_,
                             std::generic_category().message(error));
  }

  const std::string path_;
  const int file_;
  const bool in_memory_;
  // Whether the file system supports this; old kernels and overlayfs do not.
  mutable std::atomic<bool> knows_{true};
};

}  // namespace

std::unique_ptr<FSRandomAccessFile> OpenNowaitFile(const std::string& path) {
  int file = -1;
  do {
    file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (file < 0 && errno == EINTR);
  return file < 0 ? nullptr : std::make_unique<NowaitFile>(path, file);
}

}  // namespace rocksdb_live

#endif
