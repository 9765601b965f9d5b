// How to open a database, as in NativeOpenRequest (lib/native/addon.ts).
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

// Whether it is a replica's (lib/native/replica.ts). kRaw: it is opened as it is, for a restore.
enum class ReplicaAccess : uint8_t { kNone = 0, kNode = 1, kRaw = 2 };

struct FamilyRequest {
  std::string name;
  FamilyOptionMaps options;
};

struct OpenRequest {
  std::string path;
  // In this process's memory, not on a disk: `path` is a name, and all who open it share the
  // database.
  bool in_memory = false;
  Mode mode = Mode::kReadWrite;
  std::string secondary_path;
  ReplicaAccess replica = ReplicaAccess::kNone;
  bool create_if_missing = true;
  bool error_if_exists = false;
  bool create_missing_families = true;
  bool strict_recovery = false;
  OptionMap db;
  FamilyOptionMaps defaults;
  std::vector<FamilyRequest> families;
  OptionMap shared;  // see shared_objects.h
  // The budget of open files that this process's databases share; 0 means that the number in `db`
  // applies.
  uint64_t open_files_budget = 0;
  // How many bytes of WAL are kept for readers of changes.
  uint64_t retain_changes_bytes = 0;
  // How long to wait for the directory's current holder, unless this is set meanwhile; null means
  // never set.
  uint64_t wait_for_lock_ms = 0;
  std::shared_ptr<const std::atomic<bool>> canceled;
  // The lock, if already taken; null means to take it while opening.
  std::shared_ptr<DirectoryLock> lock;
};

}  // namespace rocksdb_live
