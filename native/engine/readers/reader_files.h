// The files of a database as a reader found them: held open, so that a writer may delete them, and
// cut to the lengths they had at one moment, so that together they are one state of the database.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/file_system.h"

namespace rocksdb_live {

// Device and inode; a held file keeps both.
using FileId = std::pair<uint64_t, uint64_t>;

struct HeldFile {
  std::shared_ptr<rocksdb::FSRandomAccessFile> file;  // or
  std::shared_ptr<const std::string> content;         // one of the two
  uint64_t size = 0;
  std::optional<FileId> id;  // of tables and blobs, if the system has ids
};

// By path, with one slash between its parts.
using HeldFiles = std::map<std::string, HeldFile>;

// `path` without doubled slashes, as in HeldFiles.
std::string PlainPath(const std::string& path);

// The number of "000012.log" and the like if `name` has this ending; nullopt for any other name.
std::optional<uint64_t> NumberOf(const std::string& name, const std::string& ending);

// A file system for one read-only RocksDB. Held files are read through their open handles; WAL
// files that are not held do not exist until it has read what it reads once; nothing can be
// written, renamed or deleted.
class ReaderFiles : public rocksdb::FileSystemWrapper {
 public:
  // If not all tables are held, opening one that has gone fails with Busy.
  ReaderFiles(const std::shared_ptr<rocksdb::FileSystem>& target, HeldFiles held,
              const std::string& wal_dir, bool holds_tables);

  const char* Name() const override { return "ReaderFiles"; }

  // The file held for `path`, if it is still the same file.
  std::optional<HeldFile> Find(const std::string& path) const;
  // Call when RocksDB has read what it reads once: releases everything except the tables and blobs
  // of these names.
  void KeepTables(const std::set<std::string>& names);
  bool holds_tables() const { return holds_tables_; }

  using Children = std::vector<std::string>;
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus FileExists(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileSize(const std::string& name, const rocksdb::IOOptions& options,
                                uint64_t* size, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetChildren(const std::string& directory, const rocksdb::IOOptions& options,
                                Children* names, rocksdb::IODebugContext* debug) override;

  // All refused:
  rocksdb::IOStatus NewWritableFile(const std::string&, const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSWritableFile>*,
                                    rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                       std::unique_ptr<rocksdb::FSWritableFile>*,
                                       rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string&, const std::string&,
                                      const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*,
                                      rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string&, const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>*,
                                    rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewMemoryMappedFileBuffer(
      const std::string&, std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) override;
  rocksdb::IOStatus DeleteFile(const std::string&, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
  rocksdb::IOStatus Truncate(const std::string&, size_t, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus CreateDir(const std::string&, const rocksdb::IOOptions&,
                              rocksdb::IODebugContext*) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string&, const rocksdb::IOOptions&,
                                       rocksdb::IODebugContext*) override;
  rocksdb::IOStatus DeleteDir(const std::string&, const rocksdb::IOOptions&,
                              rocksdb::IODebugContext*) override;
  rocksdb::IOStatus RenameFile(const std::string&, const std::string&, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
  rocksdb::IOStatus LinkFile(const std::string&, const std::string&, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus LockFile(const std::string&, const rocksdb::IOOptions&, rocksdb::FileLock**,
                             rocksdb::IODebugContext*) override;

 private:
  const std::string wal_dir_;
  const bool holds_tables_;
  mutable std::mutex mutex_;
  HeldFiles held_;
  bool loaded_ = false;
};

}  // namespace rocksdb_live
