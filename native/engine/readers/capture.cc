#include "engine/readers/capture.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <utility>

#include "engine/files/lock_owner.h"

#ifndef _WIN32
#include <sys/stat.h>
#endif

namespace rocksdb_live {
namespace {

using rocksdb::FileSystem;
using rocksdb::FSRandomAccessFile;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::chrono::seconds kPatience{10};
constexpr size_t kFewestRounds = 20;

bool IsMissing(const IOStatus& status) { return status.IsNotFound() || status.IsPathNotFound(); }

// What a file is told apart by, both at one moment where the system has the first.
struct Looked {
  std::optional<FileId> id;
  uint64_t size = 0;
};

IOStatus Look(const std::string& path, Looked* seen) {
#ifdef _WIN32
  return FileSystem::Default()->GetFileSize(path, IOOptions(), &seen->size, nullptr);
#else
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? IOStatus::PathNotFound(path)
                           : IOStatus::IOError(path, std::strerror(errno));
  }
  seen->id = FileId(info.st_dev, info.st_ino);
  seen->size = static_cast<uint64_t>(info.st_size);
  return IOStatus::OK();
#endif
}

std::optional<FileId> IdOf(const std::string& path) {
  Looked seen;
  return Look(path, &seen).ok() ? seen.id : std::nullopt;
}

// RocksDB has no code for EMFILE and ENFILE: env/io_posix.cc only passes on the text of strerror.
bool IsOutOfDescriptors(const IOStatus& status) {
  return status.ToString().find("Too many open files") != std::string::npos;
}

// db/log_format.h: checksum, length in 2 bytes, type; from 10 on, odd types are the recyclable
// ones. A WAL's first record may declare how the rest is compressed.
bool IsRecyclable(FSRandomAccessFile* file, uint64_t size) {
  constexpr size_t kHeader = 7;
  constexpr uint8_t kFirstRecyclable = 5;
  constexpr uint8_t kSetCompression = 9;
  char header[kHeader];
  uint64_t at = 0;
  while (at + kHeader <= size) {
    rocksdb::Slice read;
    if (!file->Read(at, kHeader, IOOptions(), &read, header, nullptr).ok()) return true;
    if (read.size() < kHeader) return true;
    const auto byte = [&](size_t index) { return static_cast<uint8_t>(read[index]); };
    const uint8_t type = byte(kHeader - 1);
    if (type != kSetCompression) {
      return type > kSetCompression ? type % 2 == 1 : type >= kFirstRecyclable;
    }
    at += kHeader + byte(4) + (size_t{byte(5)} << 8);
  }
  return false;
}

// Scans the directories until a round sees no change.
class Capturer {
 public:
  explicit Capturer(const CaptureRequest& request) : request_(request), files_(request.files) {}

  Result<Captured> Run() {
    const auto begin = std::chrono::steady_clock::now();
    for (size_t round = 0;; ++round) {
      bool settled = false;
      const IOStatus status = Round(&settled);
      if (!status.ok()) return Error::From(status).WithContext(Where());
      if (settled) return std::move(captured_);
      const bool late = std::chrono::steady_clock::now() - begin > kPatience;
      if (late && round >= kFewestRounds) break;
    }
    const std::string writer = WriterOf(request_.path);
    return Error(Code::kBusy, "the writer" + (writer.empty() ? "" : " (" + writer + ")") +
                                  " changes its files faster than they can be opened");
  }

 private:
  IOStatus Round(bool* settled) {
    Fingerprint& seen = captured_.fingerprint;
    std::string current;
    IOStatus status = ReadCurrent(&current);
    if (!status.ok()) return status;
    const std::string manifest = PlainPath(request_.path + "/" + current);
    const std::optional<FileId> id = IdOf(manifest);
    if (current != seen.current || id != seen.manifest_id) {
      captured_.held.erase(PlainPath(request_.path + "/" + seen.current));
      status = Hold(manifest, rocksdb::FileOptions());
      if (IsMissing(status)) return IsStill(current) ? status : IOStatus::OK();
      if (!status.ok()) return status;
      seen.current = current;
      seen.manifest_id = id;
    }
    status = files_->GetFileSize(manifest, IOOptions(), &seen.manifest_size, nullptr);
    if (IsMissing(status)) return IsStill(current) ? status : IOStatus::OK();
    if (status.ok()) status = HoldTables();
    bool measured = false;
    if (status.ok()) status = HoldWals(&measured);
    if (!status.ok()) return status;
    uint64_t size = 0;
    status = files_->GetFileSize(manifest, IOOptions(), &size, nullptr);
    *settled = measured && status.ok() && size == seen.manifest_size && IsStill(current) &&
               id == IdOf(manifest);
    if (*settled) {
      captured_.held[manifest].size = size;
      HeldFile& name = captured_.held[PlainPath(request_.path + "/CURRENT")];
      name.content = std::make_shared<const std::string>(current + "\n");
      name.size = name.content->size();
    }
    return IOStatus::OK();
  }

  IOStatus ReadCurrent(std::string* current) {
    const IOStatus status =
        rocksdb::ReadFileToString(files_.get(), request_.path + "/CURRENT", current);
    if (!status.ok()) return status;
    if (current->rfind("MANIFEST-", 0) != 0 || current->back() != '\n') {
      return IOStatus::Corruption("CURRENT does not name a MANIFEST");
    }
    current->pop_back();
    return status;
  }

  bool IsStill(const std::string& current) {
    std::string now;
    return ReadCurrent(&now).ok() && now == current;
  }

  IOStatus Hold(const std::string& path, const rocksdb::FileOptions& options) {
    HeldFile held;
    std::unique_ptr<FSRandomAccessFile> file;
    IOStatus status = files_->GetFileSize(path, IOOptions(), &held.size, nullptr);
    if (status.ok()) status = files_->NewRandomAccessFile(path, options, &file, nullptr);
    if (!status.ok()) return status;
    held.file = std::move(file);
    captured_.held[path] = std::move(held);
    return status;
  }

  IOStatus HoldTables();
  IOStatus HoldTable(const std::string& path);
  IOStatus HoldWals(bool* measured);
  IOStatus Measure(uint64_t number, const std::string& path, bool* recyclable);
  IOStatus List(const std::string& directory, std::vector<std::string>* names) {
    IOOptions options;
    options.do_not_recurse = true;
    return files_->GetChildren(directory, options, names, nullptr);
  }
  std::string Where() const {
    return captured_.tables == 0 ? "reading its files"
                                 : "opening its " + std::to_string(captured_.tables) + " files";
  }

  const CaptureRequest& request_;
  const std::shared_ptr<FileSystem> files_;
  Captured captured_;
};

IOStatus Capturer::HoldTables() {
  std::vector<std::string> paths;
  for (const std::string& directory : request_.table_dirs) {
    std::vector<std::string> names;
    const IOStatus status = List(directory, &names);
    // The directory of a future family may not exist yet.
    if (!status.ok() && !IsMissing(status)) return status;
    for (const std::string& name : names) {
      if (NumberOf(name, ".sst") || NumberOf(name, ".ldb") || NumberOf(name, ".blob")) {
        paths.push_back(PlainPath(directory + "/" + name));
      }
    }
  }
  captured_.tables = paths.size();
  bool may_hold = paths.size() <= request_.most_tables && !captured_.most_open;
  for (const std::string& path : paths) {
    if (!may_hold) break;
    const IOStatus status = HoldTable(path);
    if (IsOutOfDescriptors(status)) {
      const auto held = [this](const std::string& each) { return captured_.held.count(each) != 0; };
      captured_.most_open =
          static_cast<size_t>(std::count_if(paths.begin(), paths.end(), held)) / 2;
      may_hold = false;
    } else if (!status.ok() && !IsMissing(status)) {
      return status;
    }
    // A file that disappears is not in this MANIFEST, or MANIFEST has grown meanwhile.
  }
  if (!may_hold) {
    for (const std::string& path : paths) captured_.held.erase(path);
  }
  captured_.holds_tables = may_hold;
  return IOStatus::OK();
}

// All that MANIFEST had when this round began is complete by now. What was opened before that may
// have been in the middle of being written: its length is the wrong one, and a mapping ends there.
IOStatus Capturer::HoldTable(const std::string& path) {
  Looked now;
  IOStatus status = Look(path, &now);
  if (!status.ok()) return status;
  if (now.size == 0) {
    // Nothing of it is there yet, and nothing cannot be mapped.
    captured_.held.erase(path);
    return status;
  }
  const auto is_same = [&now](const HeldFile& held) {
    return held.id == now.id && held.size == now.size;
  };
  const auto held = captured_.held.find(path);
  if (held != captured_.held.end() && is_same(held->second)) return status;
  if (request_.previous != nullptr && now.id) {
    std::optional<HeldFile> known = request_.previous->Find(path);
    if (known && is_same(*known)) {
      captured_.held[path] = std::move(*known);
      return status;
    }
  }
  status = Hold(path, request_.table_options);
  // The name may have belonged to another file when it was opened.
  if (status.ok() && now.id == IdOf(path)) captured_.held[path].id = now.id;
  return status;
}

// From the newest to the oldest: whatever the newer one holds, the older one is complete for it.
IOStatus Capturer::HoldWals(bool* measured) {
  std::vector<std::string> names;
  IOStatus status = List(request_.wal_dir, &names);
  if (!status.ok()) return status;
  std::map<uint64_t, std::string, std::greater<>> wals;
  for (const std::string& name : names) {
    if (const auto number = NumberOf(name, ".log")) {
      wals[*number] = PlainPath(request_.wal_dir + "/" + name);
    }
  }
  for (auto& [number, size] : captured_.fingerprint.wals) {
    if (wals.count(number) == 0) {
      // It was already obsolete in this round's MANIFEST.
      const std::string digits = std::to_string(number);
      const std::string zeros(digits.size() < 6 ? 6 - digits.size() : 0, '0');
      captured_.held.erase(PlainPath(request_.wal_dir + "/" + zeros + digits + ".log"));
    }
  }
  captured_.fingerprint.wals.clear();
  std::vector<std::string> recyclable;
  for (const auto& [number, path] : wals) {
    bool recycled = false;
    status = Measure(number, path, &recycled);
    if (IsMissing(status)) return IOStatus::OK();  // not measured: MANIFEST will have grown
    if (!status.ok()) return status;
    if (recycled) recyclable.push_back(path);
  }
  // A recycled file is renamed before it is written to.
  const auto is_there = [&](const std::string& path) {
    return files_->FileExists(path, IOOptions(), nullptr).ok();
  };
  *measured = std::all_of(recyclable.begin(), recyclable.end(), is_there);
  return IOStatus::OK();
}

IOStatus Capturer::Measure(uint64_t number, const std::string& path, bool* recyclable) {
  HeldFile& held = captured_.held[path];
  if (!held.file) {
    const IOStatus status = Hold(path, rocksdb::FileOptions());
    if (!status.ok()) {
      captured_.held.erase(path);
      return status;
    }
  }
  held.content.reset();
  IOStatus status = files_->GetFileSize(path, IOOptions(), &held.size, nullptr);
  if (!status.ok()) return status;
  uint64_t checksum = 0;
  *recyclable = IsRecyclable(held.file.get(), held.size);
  if (*recyclable) {
    // Its length means nothing, and it may be overwritten while it is read.
    std::string content(held.size, '\0');
    rocksdb::Slice read;
    status = held.file->Read(0, content.size(), IOOptions(), &read, content.data(), nullptr);
    if (!status.ok()) return status;
    if (read.data() != content.data()) content.assign(read.data(), read.size());
    content.resize(read.size());
    checksum = std::hash<std::string>()(content);
    held.size = content.size();
    held.content = std::make_shared<const std::string>(std::move(content));
  }
  captured_.fingerprint.wals[number] = {held.size, checksum};
  return status;
}

}  // namespace

Result<Captured> Capture(const CaptureRequest& request) { return Capturer(request).Run(); }

}  // namespace rocksdb_live
