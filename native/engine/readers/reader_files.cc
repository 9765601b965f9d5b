#include "engine/readers/reader_files.h"

#include <algorithm>
#include <cstring>

#include "engine/files/lock_owner.h"
#include "engine/files/sound_logs.h"

namespace rocksdb_live {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSRandomAccessFile;
using rocksdb::FSSequentialFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// A held file, which RocksDB may open any number of times.
class SharedFile : public rocksdb::FSRandomAccessFileWrapper {
 public:
  explicit SharedFile(std::shared_ptr<FSRandomAccessFile> file)
      : FSRandomAccessFileWrapper(file.get()), file_(std::move(file)) {}

 private:
  const std::shared_ptr<FSRandomAccessFile> file_;
};

// A held file up to its captured length.
class CutFile : public FSSequentialFile {
 public:
  explicit CutFile(HeldFile held) : held_(std::move(held)) {}

  IOStatus Read(size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(size, held_.size - at_));
    IOStatus status;
    if (held_.content) {
      std::memcpy(scratch, held_.content->data() + at_, wanted);
      *result = Slice(scratch, wanted);
    } else if (wanted == 0) {
      *result = Slice(scratch, 0);
    } else {
      status = held_.file->Read(at_, wanted, options, result, scratch, debug);
    }
    if (status.ok()) at_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t size) override {
    at_ += std::min(size, held_.size - at_);
    return IOStatus::OK();
  }

 private:
  const HeldFile held_;
  uint64_t at_ = 0;
};

IOStatus Refused(const std::string& name) {
  return IOStatus::NotSupported(
      "Not supported operation in read only mode: a reader changes no "
      "file",
      name);
}

bool IsMissing(const IOStatus& status) { return status.IsNotFound() || status.IsPathNotFound(); }

std::pair<std::string, std::string> Split(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

std::string PlainPath(const std::string& path) {
  std::string plain;
  for (const char c : path) {
    if (c != '/' || plain.empty() || plain.back() != '/') plain += c;
  }
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  return plain;
}

std::optional<uint64_t> NumberOf(const std::string& name, const std::string& ending) {
  constexpr size_t kMostDigits = 19;
  if (name.size() <= ending.size()) return std::nullopt;
  const size_t digits = name.size() - ending.size();
  if (digits > kMostDigits || name.compare(digits, ending.size(), ending) != 0) return std::nullopt;
  uint64_t number = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (name[i] < '0' || name[i] > '9') return std::nullopt;
    number = number * 10 + static_cast<uint64_t>(name[i] - '0');
  }
  return number;
}

ReaderFiles::ReaderFiles(const std::shared_ptr<rocksdb::FileSystem>& target, HeldFiles held,
                         const std::string& wal_dir, bool holds_tables)
    : FileSystemWrapper(target),
      wal_dir_(PlainPath(wal_dir)),
      holds_tables_(holds_tables),
      held_(std::move(held)) {}

std::optional<HeldFile> ReaderFiles::Find(const std::string& path) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = held_.find(PlainPath(path));
  return found == held_.end() ? std::nullopt : std::optional<HeldFile>(found->second);
}

void ReaderFiles::KeepTables(const std::set<std::string>& names) {
  std::lock_guard<std::mutex> lock(mutex_);
  loaded_ = true;
  for (auto at = held_.begin(); at != held_.end();) {
    at = names.count(Split(at->first).second) == 0 ? held_.erase(at) : std::next(at);
  }
}

IOStatus ReaderFiles::NewSequentialFile(const std::string& name, const FileOptions& options,
                                        std::unique_ptr<FSSequentialFile>* file,
                                        IODebugContext* debug) {
  std::optional<HeldFile> held = Find(name);
  if (!held) return FileSystemWrapper::NewSequentialFile(name, options, file, debug);
  *file = std::make_unique<CutFile>(std::move(*held));
  if (IsLog(name)) *file = SoundLog(std::move(*file));
  return IOStatus::OK();
}

IOStatus ReaderFiles::NewRandomAccessFile(const std::string& name, const FileOptions& options,
                                          std::unique_ptr<FSRandomAccessFile>* file,
                                          IODebugContext* debug) {
  std::optional<HeldFile> held = Find(name);
  if (held && held->file) {
    *file = std::make_unique<SharedFile>(std::move(held->file));
    return IOStatus::OK();
  }
  const IOStatus status = FileSystemWrapper::NewRandomAccessFile(name, options, file, debug);
  if (holds_tables_ || !IsMissing(status)) return status;
  const std::string writer = WriterOf(Split(name).first);
  return IOStatus::Busy(
      name + " is gone: the writer" + (writer.empty() ? "" : " (" + writer + ")") +
      " has deleted it since this reader was opened, and the process may have too few descriptors "
      "(ulimit -n) for a reader to hold all tables; catch up or open again");
}

IOStatus ReaderFiles::FileExists(const std::string& name, const IOOptions& options,
                                 IODebugContext* debug) {
  if (Find(name)) return IOStatus::OK();
  return FileSystemWrapper::FileExists(name, options, debug);
}

IOStatus ReaderFiles::GetFileSize(const std::string& name, const IOOptions& options, uint64_t* size,
                                  IODebugContext* debug) {
  const std::optional<HeldFile> held = Find(name);
  if (!held) return FileSystemWrapper::GetFileSize(name, options, size, debug);
  *size = held->size;
  return IOStatus::OK();
}

// A held file exists even if it was deleted; a WAL that is not held is newer than the capture.
IOStatus ReaderFiles::GetChildren(const std::string& directory, const IOOptions& options,
                                  Children* names, IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::GetChildren(directory, options, names, debug);
  if (!status.ok()) return status;
  const std::string plain = PlainPath(directory);
  std::set<std::string> there(names->begin(), names->end());
  std::lock_guard<std::mutex> lock(mutex_);
  if (plain == wal_dir_ && !loaded_) {
    for (auto at = there.begin(); at != there.end();) {
      const bool later = NumberOf(*at, ".log") && held_.count(plain + "/" + *at) == 0;
      at = later ? there.erase(at) : std::next(at);
    }
  }
  for (const auto& [path, held] : held_) {
    const auto [parent, name] = Split(path);
    if (parent == plain) there.insert(name);
  }
  names->assign(there.begin(), there.end());
  return status;
}

IOStatus ReaderFiles::NewWritableFile(const std::string& name, const FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::ReopenWritableFile(const std::string& name, const FileOptions&,
                                         std::unique_ptr<rocksdb::FSWritableFile>*,
                                         IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::ReuseWritableFile(const std::string& name, const std::string&,
                                        const FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>*,
                                        IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::NewRandomRWFile(const std::string& name, const FileOptions&,
                                      std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::NewMemoryMappedFileBuffer(const std::string& name,
                                                std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) {
  return Refused(name);
}
IOStatus ReaderFiles::DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::Truncate(const std::string& name, size_t, const IOOptions&, IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::CreateDir(const std::string& name, const IOOptions&, IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::CreateDirIfMissing(const std::string& name, const IOOptions&,
                                         IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::DeleteDir(const std::string& name, const IOOptions&, IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::RenameFile(const std::string& name, const std::string&, const IOOptions&,
                                 IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::LinkFile(const std::string& name, const std::string&, const IOOptions&,
                               IODebugContext*) {
  return Refused(name);
}
IOStatus ReaderFiles::LockFile(const std::string& name, const IOOptions&, rocksdb::FileLock**,
                               IODebugContext*) {
  return Refused(name);
}

}  // namespace rocksdb_live
