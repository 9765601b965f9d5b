// A file system at whose calls a test does something.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/file_system.h"

namespace rocksdb_live::testing {

// Calls back before each call of a reader.
class HookedFiles : public rocksdb::FileSystemWrapper {
 public:
  explicit HookedFiles(std::shared_ptr<std::function<void()>> hook)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), hook_(std::move(hook)) {}
  const char* Name() const override { return "HookedFiles"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    (*hook_)();
    return FileSystemWrapper::NewSequentialFile(name, options, file, debug);
  }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override {
    (*hook_)();
    return FileSystemWrapper::NewRandomAccessFile(name, options, file, debug);
  }
  rocksdb::IOStatus GetFileSize(const std::string& name, const rocksdb::IOOptions& options,
                                uint64_t* size, rocksdb::IODebugContext* debug) override {
    (*hook_)();
    return FileSystemWrapper::GetFileSize(name, options, size, debug);
  }
  rocksdb::IOStatus FileExists(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    (*hook_)();
    return FileSystemWrapper::FileExists(name, options, debug);
  }
  rocksdb::IOStatus GetChildren(const std::string& directory, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names,
                                rocksdb::IODebugContext* debug) override {
    (*hook_)();
    return FileSystemWrapper::GetChildren(directory, options, names, debug);
  }

 private:
  const std::shared_ptr<std::function<void()>> hook_;
};

}  // namespace rocksdb_live::testing
