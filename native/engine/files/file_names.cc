#include "engine/files/file_names.h"

#include <limits>
#include <string_view>

namespace rocksdb_live {
namespace {

// Removes `prefix` from the front.
bool Take(std::string_view* rest, std::string_view prefix) {
  if (rest->substr(0, prefix.size()) != prefix) return false;
  rest->remove_prefix(prefix.size());
  return true;
}

bool TakeNumber(std::string_view* rest, uint64_t* number) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  size_t digits = 0;
  uint64_t value = 0;
  for (; digits < rest->size(); ++digits) {
    const char c = (*rest)[digits];
    if (c < '0' || c > '9') break;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (value > (kMax - digit) / 10) return false;
    value = value * 10 + digit;
  }
  rest->remove_prefix(digits);
  *number = value;
  return digits != 0;
}

FileKind KindOfEnding(std::string_view ending) {
  if (ending == ".log") return FileKind::kWal;
  if (ending == ".sst") return FileKind::kTable;
  if (ending == ".ldb") return FileKind::kLevelDbTable;
  if (ending == ".blob") return FileKind::kBlob;
  if (ending == ".dbtmp") return FileKind::kTemporary;
  return FileKind::kStranger;
}

FileName Numbered(std::string_view rest, FileKind kind) {
  FileName parsed;
  if (!TakeNumber(&rest, &parsed.number)) return FileName();
  if (rest == ".dbtmp" && kind != FileKind::kManifest) {
    parsed.kind = FileKind::kTemporary;
  } else if (rest.empty()) {
    parsed.kind = kind;
  }
  return parsed;
}

FileName InfoLog(std::string_view rest) {
  FileName parsed;
  const bool dated = Take(&rest, ".old.") && TakeNumber(&rest, &parsed.number) && rest.empty();
  if (dated || rest.empty() || rest == ".old") parsed.kind = FileKind::kInfoLog;
  return parsed;
}

}  // namespace

FileName ParseFileName(const std::string& name) {
  std::string_view rest(name);
  FileName parsed;
  if (rest == "CURRENT") {
    parsed.kind = FileKind::kCurrent;
  } else if (rest == "IDENTITY") {
    parsed.kind = FileKind::kIdentity;
  } else if (rest == "LOCK") {
    parsed.kind = FileKind::kLock;
  } else if (Take(&rest, kOurPrefix)) {
    parsed.kind = FileKind::kOurs;
  } else if (Take(&rest, "LOG")) {
    return InfoLog(rest);
  } else if (Take(&rest, "MANIFEST-")) {
    return Numbered(rest, FileKind::kManifest);
  } else if (Take(&rest, "OPTIONS-")) {
    return Numbered(rest, FileKind::kOptions);
  } else if (Take(&rest, "METADB-") || Take(&rest, "COMPACTION_PROGRESS-")) {
    return Numbered(rest, FileKind::kTemporary);
  } else if (TakeNumber(&rest, &parsed.number)) {
    parsed.kind = KindOfEnding(rest);
  }
  return parsed;
}

std::string NumberedName(uint64_t number, const char* ending) {
  std::string digits = std::to_string(number);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return digits + ending;
}

std::string ManifestName(uint64_t number) { return "MANIFEST-" + NumberedName(number, ""); }

}  // namespace rocksdb_live
