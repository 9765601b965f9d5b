#include "engine/repair/overlay_files.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/files/sound_logs.h"
#include "rocksdb/file_system.h"

namespace rocksdb_live {
namespace {

using rocksdb::FileAttributes;
using rocksdb::FileOptions;
using rocksdb::FileSystem;
using rocksdb::FSRandomAccessFile;
using rocksdb::FSSequentialFile;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class OverlayFileSystem : public rocksdb::FileSystemWrapper {
 public:
  OverlayFileSystem(std::string directory, std::map<std::string, std::string> shown)
      : FileSystemWrapper(SoundLogs(FileSystem::Default())),
        directory_(std::move(directory)),
        shown_(std::move(shown)) {}

  const char* Name() const override { return "OverlayFileSystem"; }

  IOStatus NewSequentialFile(const std::string& name, const FileOptions& options,
                             std::unique_ptr<FSSequentialFile>* file,
                             IODebugContext* debug) override {
    return target()->NewSequentialFile(Real(name), options, file, debug);
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions& options,
                               std::unique_ptr<FSRandomAccessFile>* file,
                               IODebugContext* debug) override {
    return target()->NewRandomAccessFile(Real(name), options, file, debug);
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* file,
                              IODebugContext* debug) override {
    if (Real(name) != name) return IOStatus::NotSupported("it is another's: " + name);
    return target()->ReopenWritableFile(name, options, file, debug);
  }
  IOStatus FileExists(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    return target()->FileExists(Real(name), options, debug);
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions& options, uint64_t* size,
                       IODebugContext* debug) override {
    return target()->GetFileSize(Real(name), options, size, debug);
  }
  IOStatus GetFileModificationTime(const std::string& name, const IOOptions& options,
                                   uint64_t* time, IODebugContext* debug) override {
    return target()->GetFileModificationTime(Real(name), options, time, debug);
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    if (Real(name) == name) return target()->DeleteFile(name, options, debug);
    std::lock_guard<std::mutex> lock(mutex_);
    shown_.erase(NameIn(name));
    return IOStatus::OK();
  }
  IOStatus GetChildren(const std::string& path, const IOOptions& options,
                       std::vector<std::string>* names, IODebugContext* debug) override {
    const IOStatus status = target()->GetChildren(path, options, names, debug);
    if (status.ok() && NameIn(path + "/.") == ".") {
      std::lock_guard<std::mutex> lock(mutex_);
      for (const auto& [name, original] : shown_) {
        if (std::find(names->begin(), names->end(), name) == names->end()) names->push_back(name);
      }
    }
    return status;
  }
  IOStatus GetChildrenFileAttributes(const std::string& path, const IOOptions& options,
                                     std::vector<FileAttributes>* files,
                                     IODebugContext* debug) override {
    // Uses this class's GetChildren; the wrapper's version would bypass it.
    // NOLINTNEXTLINE(bugprone-parent-virtual-call)
    return FileSystem::GetChildrenFileAttributes(path, options, files, debug);
  }

 private:
  // The name of a file in the directory; empty for files elsewhere.
  std::string NameIn(const std::string& path) const {
    const size_t end = path.find_last_not_of('/', path.find_last_of('/'));
    if (end == path.npos || path.compare(0, end + 1, directory_) != 0) return "";
    return path.substr(path.find_last_of('/') + 1);
  }

  std::string Real(const std::string& path) {
    const std::string name = NameIn(path);
    if (name.empty()) return path;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (shown_.count(name) == 0) return path;
    }
    if (target()->FileExists(path, IOOptions(), nullptr).ok()) return path;
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = shown_.find(name);
    return found == shown_.end() ? path : found->second;
  }

  const std::string directory_;
  std::mutex mutex_;
  std::map<std::string, std::string> shown_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewOverlayEnv(const std::string& directory,
                                            std::map<std::string, std::string> shown) {
  return rocksdb::NewCompositeEnv(std::make_shared<OverlayFileSystem>(directory, std::move(shown)));
}

}  // namespace rocksdb_live
