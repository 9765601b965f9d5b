#include "engine/wal_watch.h"

#include <string>
#include <utility>

namespace rocksdb_live {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

using Counter = std::shared_ptr<std::atomic<uint64_t>>;

class WalFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WalFile(std::unique_ptr<FSWritableFile> file, Counter syncs)
      : FSWritableFileOwnerWrapper(std::move(file)), syncs_(std::move(syncs)) {}

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    syncs_->fetch_add(1, std::memory_order_relaxed);
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    syncs_->fetch_add(1, std::memory_order_relaxed);
    return FSWritableFileOwnerWrapper::Fsync(options, debug);
  }

 private:
  const Counter syncs_;
};

bool IsWal(const std::string& name) {
  static const std::string suffix = ".log";
  return name.size() > suffix.size() &&
         name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

class WatchedFileSystem : public rocksdb::FileSystemWrapper {
 public:
  WatchedFileSystem(std::shared_ptr<rocksdb::FileSystem> target, Counter syncs)
      : FileSystemWrapper(std::move(target)), syncs_(std::move(syncs)) {}

  const char* Name() const override { return "WatchedFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    return Watch(name, file, FileSystemWrapper::NewWritableFile(name, options, file, debug));
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* file,
                              IODebugContext* debug) override {
    return Watch(name, file, FileSystemWrapper::ReopenWritableFile(name, options, file, debug));
  }
  IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                             const FileOptions& options, std::unique_ptr<FSWritableFile>* file,
                             IODebugContext* debug) override {
    return Watch(name, file,
                 FileSystemWrapper::ReuseWritableFile(name, old_name, options, file, debug));
  }

 private:
  IOStatus Watch(const std::string& name, std::unique_ptr<FSWritableFile>* file,
                 IOStatus status) const {
    if (status.ok() && IsWal(name)) {
      *file = std::make_unique<WalFile>(std::move(*file), syncs_);
    }
    return status;
  }

  const Counter syncs_;
};

}  // namespace

WalWatch::WalWatch(std::shared_ptr<rocksdb::FileSystem> target)
    : syncs_(std::make_shared<std::atomic<uint64_t>>(0)),
      env_(rocksdb::NewCompositeEnv(
          std::make_shared<WatchedFileSystem>(std::move(target), syncs_))) {}

}  // namespace rocksdb_live
