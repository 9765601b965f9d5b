#include "engine/files/file_identity.h"

#ifdef _WIN32
#include <windows.h>

#include <filesystem>
#else
#include <fcntl.h>
#include <sys/stat.h>
#endif

namespace rocksdb_live {

#ifdef _WIN32

std::string FileIdentity(const std::string& path) {
  const std::wstring name = std::filesystem::u8path(path).wstring();
  const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  const HANDLE file =
      CreateFileW(name.c_str(), 0, share, nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return "";
  BY_HANDLE_FILE_INFORMATION info;
  const bool known = GetFileInformationByHandle(file, &info) != 0;
  CloseHandle(file);
  // Not its time: a file that replaces another may inherit that.
  return known ? std::to_string(info.nFileIndexHigh) + "-" + std::to_string(info.nFileIndexLow)
               : "";
}

#else

namespace {

std::string BirthOf(const std::string& path, const struct stat& info) {
#ifdef __APPLE__
  static_cast<void>(path);
  return std::to_string(info.st_birthtimespec.tv_sec) + "." +
         std::to_string(info.st_birthtimespec.tv_nsec);
#elif defined(STATX_BTIME)
  static_cast<void>(info);
  struct statx more;
  const bool known = statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &more) == 0 &&
                     (more.stx_mask & STATX_BTIME) != 0;
  return known
             ? std::to_string(more.stx_btime.tv_sec) + "." + std::to_string(more.stx_btime.tv_nsec)
             : "";
#else
  static_cast<void>(path);
  static_cast<void>(info);
  return "";
#endif
}

}  // namespace

std::string FileIdentity(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return "";
  return std::to_string(info.st_ino) + " " + BirthOf(path, info);
}

#endif

}  // namespace rocksdb_live
