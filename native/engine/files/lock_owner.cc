#include "engine/files/lock_owner.h"

#ifdef __linux__
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <fstream>
#endif

namespace rocksdb_live {

#ifdef __linux__

// A line of /proc/locks: "1: POSIX  ADVISORY  WRITE 1234 08:02:131090 0 EOF".
std::string WriterOf(const std::string& path) {
  struct stat info;
  if (stat((path + "/LOCK").c_str(), &info) != 0) return "";
  std::ifstream locks("/proc/locks");
  std::string line;
  while (std::getline(locks, line)) {
    int pid = 0;
    unsigned major_number = 0;
    unsigned minor_number = 0;
    uint64_t inode = 0;
    if (std::sscanf(line.c_str(), "%*d: POSIX %*s WRITE %d %x:%x:%" SCNu64, &pid, &major_number,
                    &minor_number, &inode) != 4) {
      continue;
    }
    if (inode != info.st_ino || major_number != major(info.st_dev) ||
        minor_number != minor(info.st_dev)) {
      continue;
    }
    return pid == getpid() ? "this process" : "process " + std::to_string(pid);
  }
  return "";
}

#else

std::string WriterOf(const std::string& path) {
  static_cast<void>(path);
  return "";
}

#endif

}  // namespace rocksdb_live
