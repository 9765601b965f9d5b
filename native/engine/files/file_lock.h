// A lock of a file, which ends with the process at the latest.
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "rocksdb/env.h"

namespace rocksdb_live {

class FileLock {
 public:
  // Null if another process, or another holder in this one, has it. Creates the file.
  static Result<std::unique_ptr<FileLock>> Try(const std::string& path);

  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  FileLock() = default;

  [[maybe_unused]] int descriptor_ = -1;
  [[maybe_unused]] rocksdb::FileLock* lock_ = nullptr;
};

}  // namespace rocksdb_live
