#include "engine/directory/directory.h"

#include <filesystem>
#include <system_error>

#include "engine/directory/survey.h"
#include "engine/directory/unreadable.h"
#include "engine/files/file_names.h"
#include "engine/files/small_files.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/resource.h>
#include <sys/stat.h>
#endif

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

// The first MANIFEST has some fifty bytes when CURRENT names it.
constexpr size_t kFirstManifest = 4096;

Error IoError(const std::string& what, const std::error_code& code) {
  return Error(Code::kIo, what + ": " + code.message());
}

// Whether the directory has only what a killed first opening leaves: the first MANIFEST, which
// names no file yet, and no CURRENT.
bool IsFirstOpening(const Survey& survey) {
  std::string example;
  if (survey.manifests != std::set<uint64_t>{1} || survey.CountDatabaseFiles(&example) != 1 ||
      !survey.options_files.empty()) {
    return false;
  }
  std::string text;
  if (!ReadWhole(Under(survey.path, ManifestName(1)), &text)) return false;
  const Manifest manifest = ParseManifest(1, text);
  return manifest.tables.empty() && manifest.blobs.empty() && text.size() < kFirstManifest;
}

Result<DirectoryId> Identify(const fs::path& path) {
#ifdef _WIN32
  const HANDLE handle =
      CreateFileW(path.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                  OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  BY_HANDLE_FILE_INFORMATION info;
  if (handle == INVALID_HANDLE_VALUE || GetFileInformationByHandle(handle, &info) == 0) {
    const std::error_code code(static_cast<int>(GetLastError()), std::system_category());
    if (handle != INVALID_HANDLE_VALUE) CloseHandle(handle);
    return IoError("cannot look at " + path.u8string(), code);
  }
  CloseHandle(handle);
  return DirectoryId{info.dwVolumeSerialNumber,
                     uint64_t{info.nFileIndexHigh} << 32 | info.nFileIndexLow};
#else
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return IoError("cannot look at " + path.u8string(), {errno, std::generic_category()});
  }
  return DirectoryId{static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino)};
#endif
}

Error Make(const fs::path& path) {
  std::error_code code;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), code);
#ifdef _WIN32
  if (!code) fs::create_directory(path, code);
#else
  // Not create_directory: others must not be able to read the data, not even for a moment.
  if (!code && mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    code = {errno, std::generic_category()};
  }
#endif
  return code ? IoError("cannot create the directory " + path.u8string(), code) : Error();
}

}  // namespace

Result<Directory> FindDirectory(const std::string& text, bool create) {
  fs::path path = fs::u8path(text);
  if (!path.has_filename()) path = path.parent_path();  // "data/" is "data"
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (status.type() == fs::file_type::not_found) {
    if (!create) return Error(Code::kInvalidArgument, "there is no database at " + text);
    Error error = Make(path);
    if (!error.ok()) return error;
  } else if (code) {
    return IoError("cannot look at " + text, code);
  } else if (status.type() != fs::file_type::directory) {
    return Error(Code::kIo, text + " is a file, not a directory");
  }
  Directory directory;
  directory.path = fs::canonical(path, code).u8string();
  if (code) return IoError("cannot resolve " + text, code);
  Result<DirectoryId> id = Identify(path);
  if (!id.ok()) return id.error;
  directory.id = id.value;
  return directory;
}

Result<bool> CheckDirectory(const OpenRequest& request) {
  std::error_code code;
  if (fs::exists(fs::u8path(request.path) / "CURRENT", code)) return true;
  const Result<Survey> found = LookAt(request.path, false);
  if (!found.ok()) return found.error;
  std::string example;
  const size_t left_over = found.value.CountDatabaseFiles(&example);
  if (left_over != 0 && !IsFirstOpening(found.value)) {
    Error error = CheckNotLevelDb(found.value);
    if (!error.ok()) return error;
    // RocksDB would create a new database here and delete these files.
    return Error(Code::kCorruption, "CURRENT is missing in " + request.path + ", but " +
                                        std::to_string(left_over) +
                                        " files of a database are there (" + example +
                                        "); restore CURRENT, repair, or move them away");
  }
  if (request.mode != Mode::kReadWrite || !request.create_if_missing) {
    return Error(Code::kInvalidArgument, "there is no database at " + request.path);
  }
  return false;
}

Error CheckOutside(const std::string& database, const std::string& target) {
  std::error_code code;
  const fs::path resolved = fs::weakly_canonical(fs::u8path(target), code);
  if (code) return IoError("cannot resolve " + target, code);
  Result<DirectoryId> home = Identify(fs::u8path(database));
  if (!home.ok()) return home.error;
  for (fs::path at = resolved; !at.empty(); at = at.parent_path()) {
    if (fs::exists(at, code)) {
      Result<DirectoryId> id = Identify(at);
      const bool same = id.ok() && !(id.value < home.value) && !(home.value < id.value);
      if (same) {
        return Error(Code::kInvalidArgument, target + " lies inside the database's own directory");
      }
    }
    if (at == at.parent_path()) break;
  }
  return Error();
}

uint64_t OpenFileLimit() {
#ifdef _WIN32
  return 0;
#else
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
  return limit.rlim_cur;
#endif
}

}  // namespace rocksdb_live
