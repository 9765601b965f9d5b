// A database's directory: creates it, makes its path canonical, identifies it, and checks it before
// RocksDB sees it.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "engine/base/result.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// Identifies a directory under every spelling of its path.
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

// Finds the directory; if `create` is set, creates it and its parents, with mode 0700.
Result<Directory> FindDirectory(const std::string& path, bool create);

// Whether a database is there. Refuses what RocksDB would silently overwrite or create.
Result<bool> CheckDirectory(const OpenRequest& request);

// Refuses a target inside the database's directory for a copy of that database (`database` is
// canonical).
Error CheckOutside(const std::string& database, const std::string& target);

// The process's soft limit of open files; 0 if there is none.
uint64_t OpenFileLimit();

}  // namespace rocksdb_live
