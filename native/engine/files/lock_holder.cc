#include "engine/files/lock_holder.h"

#ifndef _WIN32
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include <cstdio>
#include <fstream>
#include <iterator>

#include "engine/files/lock_owner.h"

namespace rocksdb_live {

std::string HolderOf(const std::string& path) {
  const std::string writer = WriterOf(path);
  const bool other = !writer.empty() && writer != "this process";
  return other ? DescribeHolder(path) : writer;
}

#ifdef _WIN32

std::string DescribeHolder(const std::string&) { return "another process"; }
std::string DescribeRocksDBHolder(const std::string&) { return "another process"; }

bool IsLockedByRocksDB(const std::string&) { return false; }

#else

namespace {

constexpr size_t kLongestCommand = 200;

// The process that holds RocksDB's lock, if it is another one; 0 if unknown.
pid_t LockFileHolder(const std::string& path) {
  const int descriptor = open((path + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return 0;
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool known = fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  close(descriptor);
  return known ? lock.l_pid : 0;
}

#ifdef __linux__

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Whether a descriptor of this process holds a lock on the directory (`proc(5)`, /proc/pid/fdinfo).
bool IsHeldHere(const std::string& path) {
  struct stat directory;
  if (stat(path.c_str(), &directory) != 0) return false;
  DIR* const descriptors = opendir("/proc/self/fd");
  if (descriptors == nullptr) return false;
  bool held = false;
  while (const dirent* entry = readdir(descriptors)) {
    const std::string name = entry->d_name;
    struct stat file;
    if (stat(("/proc/self/fd/" + name).c_str(), &file) != 0 || !SameFile(file, directory)) continue;
    std::ifstream info("/proc/self/fdinfo/" + name);
    for (std::string line; std::getline(info, line);) {
      if (line.rfind("lock:", 0) == 0 && line.find("FLOCK") != line.npos) held = true;
    }
  }
  closedir(descriptors);
  return held;
}

// The process that holds a lock on the directory itself (`proc(5)`, /proc/locks: lines like "1:
// FLOCK  ADVISORY  WRITE 12 fe:01:131 0 EOF"). Some file systems show other device numbers there.
pid_t DirectoryHolder(const std::string& path) {
  struct stat directory;
  if (stat(path.c_str(), &directory) != 0) return 0;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    int process = 0;
    unsigned major_device = 0;
    unsigned minor_device = 0;
    unsigned long long inode = 0;  // NOLINT(google-runtime-int): what %llu takes
    const int fields = std::sscanf(line.c_str(), "%*s FLOCK %*s WRITE %d %x:%x:%llu", &process,
                                   &major_device, &minor_device, &inode);
    if (fields == 4 && inode == directory.st_ino &&
        makedev(major_device, minor_device) == directory.st_dev) {
      return process;
    }
  }
  return 0;
}

std::string CommandOf(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/cmdline");
  std::string command((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (!command.empty() && command.back() == '\0') command.pop_back();
  for (char& byte : command) {
    if (static_cast<unsigned char>(byte) < ' ') byte = ' ';
  }
  if (command.size() <= kLongestCommand) return command;
  size_t end = kLongestCommand;
  while (end > 0 && (static_cast<unsigned char>(command[end]) & 0xC0) == 0x80) --end;
  return command.substr(0, end) + "…";
}

#else

// Only the directory's owner can inspect its lock; and if this process holds RocksDB's own lock,
// inspecting it would drop it.
bool IsHeldHere(const std::string&) { return false; }
pid_t DirectoryHolder(const std::string&) { return 0; }
std::string CommandOf(pid_t) { return ""; }

#endif

std::string Describe(pid_t process) {
  if (process <= 0) return "another process";
  const std::string command = CommandOf(process);
  return "another process (" + std::to_string(process) + (command.empty() ? "" : ": " + command) +
         ")";
}

}  // namespace

std::string DescribeHolder(const std::string& path) {
  if (IsHeldHere(path)) {
    return "another copy of this package in this process (" + std::to_string(getpid()) + ")";
  }
  pid_t process = DirectoryHolder(path);
#ifdef __linux__
  // This process does not hold the directory, so looking drops no lock of its own.
  if (process <= 0) process = LockFileHolder(path);
#endif
  return Describe(process);
}

std::string DescribeRocksDBHolder(const std::string& path) {
  return Describe(LockFileHolder(path));
}

bool IsLockedByRocksDB(const std::string& path) { return LockFileHolder(path) > 0; }

#endif

}  // namespace rocksdb_live
