#include "engine/files/nowait_files.h"

#include <string>
#include <utility>

#ifdef __linux__
#include "engine/files/nowait_linux.h"
#endif

namespace rocksdb_live {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSRandomAccessFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus Waits() {
  NowaitScope::Refuse();
  return IOStatus::TimedOut("the file is not in memory");
}

// A file that cannot tell what would wait, so it refuses every such read.
class WaitingFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  explicit WaitingFile(std::unique_ptr<FSRandomAccessFile> file)
      : FSRandomAccessFileOwnerWrapper(std::move(file)) {}

  IOStatus Read(uint64_t offset, size_t size, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* debug) const override {
    if (NowaitScope::Binds(options)) return Waits();
    return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, debug);
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, size_t count, const IOOptions& options,
                     IODebugContext* debug) override {
    if (NowaitScope::Binds(options)) return Waits();
    return FSRandomAccessFileOwnerWrapper::MultiRead(requests, count, options, debug);
  }
  IOStatus Prefetch(uint64_t offset, size_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    if (NowaitScope::Binds(options)) return Waits();
    return FSRandomAccessFileOwnerWrapper::Prefetch(offset, size, options, debug);
  }
};

class NowaitFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit NowaitFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target)
      : FileSystemWrapper(target) {}

  const char* Name() const override { return "NowaitFileSystem"; }

  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions& options,
                               std::unique_ptr<FSRandomAccessFile>* file,
                               IODebugContext* debug) override {
    if (NowaitScope::Binds(options.io_options)) return Waits();
#ifdef __linux__
    if (!options.use_direct_reads && !options.use_mmap_reads) {
      *file = OpenNowaitFile(name);
      if (*file != nullptr) return IOStatus::OK();
    }
#endif
    // If a file cannot be opened, RocksDB's own error says why.
    const IOStatus status = FileSystemWrapper::NewRandomAccessFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<WaitingFile>(std::move(*file));
    return status;
  }
};

}  // namespace

thread_local NowaitScope* NowaitScope::current_ = nullptr;

std::shared_ptr<rocksdb::FileSystem> NowaitFiles(
    const std::shared_ptr<rocksdb::FileSystem>& target) {
  return std::make_shared<NowaitFileSystem>(target);
}

}  // namespace rocksdb_live
