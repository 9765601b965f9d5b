// The files of a database as they were at one moment, to be copied while it goes on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/resource.h"
#include "engine/base/result.h"
#include "engine/changes/changes.h"
#include "engine/readers/reader_files.h"
#include "engine/store/session.h"
#include "engine/store/store.h"
#include "rocksdb/db.h"
#include "rocksdb/file_system.h"

namespace rocksdb_live {

struct CapturedFile {
  enum class Kind : uint8_t { kTable, kBlob, kWal, kOther };
  Kind kind = Kind::kOther;
  std::string name;  // in the one directory of a copy
  uint64_t size = 0;
  // Of a table: where it was made, which no other table shares; empty if it does not say.
  std::string identity;

  std::string path;  // or what is held
  HeldFile held;
};

// Any thread.
class FileCapture {
 public:
  static constexpr ResourceKind kKind = ResourceKind::kCapture;
  static constexpr const char* kClosed = "the capture of the files has ended";
  static constexpr const char* kBusy = "the captured files are being read";

  FileCapture() = default;
  FileCapture(const FileCapture&) = delete;
  FileCapture& operator=(const FileCapture&) = delete;
  ~FileCapture();

  // Bytes from `offset` on, fewer at the end of the file. A file that is read to its end is closed.
  Result<std::string> Read(size_t index, uint64_t offset, size_t length);

  std::vector<CapturedFile> files;
  Moment moment;
  std::string database;  // RocksDB's identity of it, which copies share
  double locked_ms = 0;  // for how long writers waited

  // The writer's database, which deletes no file meanwhile; null for a reader.
  rocksdb::DB* undeleted = nullptr;
  // A reader's state.
  std::shared_ptr<const ReaderView> view;

 private:
  using File = std::shared_ptr<rocksdb::FSRandomAccessFile>;
  Result<File> Open(size_t index);

  std::mutex mutex_;
  std::map<size_t, File> open_;
};

// Never on a JavaScript thread. A writer's memtables are flushed first, where that works. Writers
// wait only while the files are listed. A reader gets one exact state, or an error.
Result<std::shared_ptr<FileCapture>> CaptureFiles(Store* store);

// RocksDB's identity of the database, which its copies share.
Result<std::string> IdentityOf(const Session& session);

}  // namespace rocksdb_live
