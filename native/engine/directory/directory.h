// A database's directory: made, named canonically, told apart, and checked before RocksDB sees it.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "engine/base/result.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// The same directory has the same identity under every spelling of its path.
struct DirectoryId {
  uint64_t device = 0;
  uint64_t inode = 0;
  bool operator<(const DirectoryId& other) const {
    return std::tie(device, inode) < std::tie(other.device, other.inode);
  }
};

struct Directory {
  std::string path;  // canonical
  DirectoryId id;
};

// Makes the directory, with mode 0700, and its parents where `create` says so.
Result<Directory> FindDirectory(const std::string& path, bool create);

// Whether a database is there. Refuses what RocksDB would overwrite or create in silence.
Result<bool> CheckDirectory(const OpenRequest& request);

// Refuses a target for a copy of the database at `database` (canonical) that lies inside it.
Error CheckOutside(const std::string& database, const std::string& target);

// Soft limit of open files of this process; 0 where there is none.
uint64_t OpenFileLimit();

}  // namespace rocksdb_live
