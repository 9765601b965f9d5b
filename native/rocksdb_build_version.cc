// Replaces the file that upstream's build generates from util/build_version.cc.in. Our sources are
// no git checkout of RocksDB, so it has a version but no commit or date, which also keeps builds
// reproducible.

#include <memory>
#include <string>
#include <unordered_map>

#include "rocksdb/utilities/object_registry.h"
#include "rocksdb/version.h"
#include "util/string_util.h"

namespace ROCKSDB_NAMESPACE {

std::unordered_map<std::string, RegistrarFunc> ObjectRegistry::builtins_ = {};

const std::unordered_map<std::string, std::string>& GetRocksBuildProperties() {
  static const auto* const none = new std::unordered_map<std::string, std::string>();
  return *none;
}

std::string GetRocksVersionAsString(bool with_patch) {
  const std::string version = std::to_string(ROCKSDB_MAJOR) + "." + std::to_string(ROCKSDB_MINOR);
  return with_patch ? version + "." + std::to_string(ROCKSDB_PATCH) : version;
}

std::string GetRocksBuildInfoAsString(const std::string& program, bool /*verbose*/) {
  return program + " (RocksDB) " + GetRocksVersionAsString(true);
}

}  // namespace ROCKSDB_NAMESPACE
