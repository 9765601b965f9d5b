#include "engine/directory/wal_watch.h"

#include <string>
#include <utility>

#include "engine/base/timings.h"
#include "engine/files/file_names.h"

namespace rocksdb_live {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

using Clock = std::chrono::steady_clock;
using Syncs = std::shared_ptr<WalSyncs>;

class WalFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WalFile(std::unique_ptr<FSWritableFile> file, Syncs syncs, std::shared_ptr<WalProgress> progress)
      : FSWritableFileOwnerWrapper(std::move(file)),
        syncs_(std::move(syncs)),
        progress_(std::move(progress)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return Wrote(data.size(),
                 [&] { return FSWritableFileOwnerWrapper::Append(data, options, debug); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    return Wrote(data.size(), [&] {
      return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
    });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Timed([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Timed([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }

 private:
  template <typename Write>
  IOStatus Wrote(uint64_t bytes, Write write) {
    const auto since = Measuring::Since();
    const IOStatus status = write();
    if (Measuring::IsSet(since)) Measuring::AddWal(Clock::now() - since);
    if (status.ok()) progress_->written.fetch_add(bytes, std::memory_order_relaxed);
    return status;
  }
  template <typename Sync>
  IOStatus Timed(Sync sync) {
    syncs_->count.fetch_add(1, std::memory_order_relaxed);
    const uint64_t written = progress_->written;
    const auto begin = Clock::now();
    const IOStatus status = sync();
    const auto took = Clock::now() - begin;
    if (syncs_->ended) syncs_->ended(took);
    if (Measuring::On()) Measuring::AddWal(took);
    if (status.ok()) progress_->synced.store(written, std::memory_order_relaxed);
    return status;
  }

  const Syncs syncs_;
  const std::shared_ptr<WalProgress> progress_;
};

class ManifestFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  ManifestFile(std::unique_ptr<FSWritableFile> file, std::shared_ptr<Footprint> footprint,
               uint64_t number)
      : FSWritableFileOwnerWrapper(std::move(file)),
        footprint_(std::move(footprint)),
        number_(number) {}

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Synced(FSWritableFileOwnerWrapper::Sync(options, debug), options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Synced(FSWritableFileOwnerWrapper::Fsync(options, debug), options, debug);
  }

 private:
  IOStatus Synced(IOStatus status, const IOOptions& options, IODebugContext* debug) {
    if (status.ok()) footprint_->OnManifestSynced(number_, GetFileSize(options, debug));
    return status;
  }

  const std::shared_ptr<Footprint> footprint_;
  const uint64_t number_;
};

class WatchedFileSystem : public rocksdb::FileSystemWrapper {
 public:
  WatchedFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target, Syncs syncs,
                    std::shared_ptr<Footprint> footprint)
      : FileSystemWrapper(target), syncs_(std::move(syncs)), footprint_(std::move(footprint)) {}

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
    if (!status.ok()) return status;
    const FileName parsed = ParseFileName(name.substr(name.find_last_of("/\\") + 1));
    if (parsed.kind == FileKind::kWal) {
      *file =
          std::make_unique<WalFile>(std::move(*file), syncs_, footprint_->OnNewWal(parsed.number));
    } else if (parsed.kind == FileKind::kManifest) {
      *file = std::make_unique<ManifestFile>(std::move(*file), footprint_, parsed.number);
    }
    return status;
  }

  const Syncs syncs_;
  const std::shared_ptr<Footprint> footprint_;
};

}  // namespace

WalWatch::WalWatch(const std::shared_ptr<rocksdb::FileSystem>& target,
                   std::shared_ptr<Footprint> footprint, OnWalSync on_sync)
    : syncs_(std::make_shared<WalSyncs>()),
      env_(rocksdb::NewCompositeEnv(
          std::make_shared<WatchedFileSystem>(target, syncs_, std::move(footprint)))) {
  syncs_->ended = std::move(on_sync);
}

}  // namespace rocksdb_live
