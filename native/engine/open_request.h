// What it takes to open a database, as lib/native.ts's NativeOpenRequest says it.
#pragma once

#include <string>
#include <vector>

#include "engine/options.h"

namespace rocksdb_live {

enum class Mode { kReadWrite, kReadOnly, kSecondary };

struct FamilyRequest {
  std::string name;
  FamilyOptionMaps options;
};

struct OpenRequest {
  std::string path;
  Mode mode = Mode::kReadWrite;
  std::string secondary_path;
  bool create_if_missing = true;
  bool error_if_exists = false;
  bool create_missing_families = true;
  bool strict_recovery = false;
  OptionMap db;
  FamilyOptionMaps defaults;
  std::vector<FamilyRequest> families;
  SharedRequest shared;
};

}  // namespace rocksdb_live
