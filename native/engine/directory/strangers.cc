#include "engine/directory/strangers.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/files/small_files.h"

namespace rocksdb_live {
namespace {

// How many files are inspected; of the rest only names are reported.
constexpr size_t kLookedInto = 20;

std::string OwnerOf(const std::string& path, const std::string& name, bool look) {
  if (name == "data.mdb" || name == "lock.mdb") return " (lmdb)";
  std::string head;
  const bool sqlite = look && ReadHead(path, 15, &head) && head == "SQLite format 3";
  return sqlite ? " (SQLite)" : "";
}

}  // namespace

std::vector<std::string> DescribeStrangers(const Survey& survey) {
  std::vector<std::string> described;
  for (const std::string& name : survey.strangers) {
    if (name[0] == '.') continue;
    const bool look = described.size() < kLookedInto;
    described.push_back(EscapeForMessage(name) + OwnerOf(Under(survey.path, name), name, look));
  }
  std::sort(described.begin(), described.end());
  return described;
}

}  // namespace rocksdb_live
