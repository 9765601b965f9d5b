// What it takes to open a database, as lib/native/addon.ts's NativeOpenRequest says it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/options/options.h"

namespace rocksdb_live {

class DirectoryLock;

enum class Mode { kReadWrite, kReadOnly, kSecondary };

struct FamilyRequest {
  std::string name;
  FamilyOptionMaps options;
};

struct OpenRequest {
  std::string path;
  // Held by this process alone, and by no disk: `path` is a name, and all that opens it shares it.
  bool in_memory = false;
  Mode mode = Mode::kReadWrite;
  std::string secondary_path;
  bool create_if_missing = true;
  bool error_if_exists = false;
  bool create_missing_families = true;
  bool strict_recovery = false;
  OptionMap db;
  FamilyOptionMaps defaults;
  std::vector<FamilyRequest> families;
  OptionMap shared;  // see shared_objects.h
  // Files that the databases of this process share, of which this one takes its part; 0: the number
  // in `db` is meant.
  uint64_t open_files_budget = 0;
  // How long to wait for whoever has the directory, unless this is set meanwhile; null: never is.
  uint64_t wait_for_lock_ms = 0;
  std::shared_ptr<const std::atomic<bool>> canceled;
  // Taken already; null: taken while opening.
  std::shared_ptr<DirectoryLock> lock;
};

}  // namespace rocksdb_live
