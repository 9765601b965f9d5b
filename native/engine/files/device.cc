#include "engine/files/device.h"

#ifdef __linux__
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>
#endif

namespace rocksdb_live {

#ifdef __linux__

uint64_t LargestRead(const std::string& directory) {
  std::error_code failure;
  std::filesystem::path there = std::filesystem::absolute(directory, failure);
  struct stat info;
  while (stat(there.c_str(), &info) != 0) {
    if (!there.has_relative_path()) return 0;
    there = there.parent_path();
  }
  const std::string device = "/sys/dev/block/" + std::to_string(major(info.st_dev)) + ":" +
                             std::to_string(minor(info.st_dev));
  // A partition has no queue of its own; that of its device is in the parent folder.
  for (const char* queue : {"/queue", "/../queue"}) {
    std::ifstream file(device + queue + "/max_sectors_kb");
    uint64_t kilobytes = 0;
    if (file >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

#else

uint64_t LargestRead(const std::string&) { return 0; }

#endif

}  // namespace rocksdb_live
