#include "engine/directory/unreadable.h"

#include <filesystem>

#include "engine/base/text.h"
#include "engine/files/file_names.h"
#include "engine/files/small_files.h"
#include "engine/files/table_footer.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

constexpr size_t kNewestFiles = 256;
constexpr size_t kOtherFiles = 256;

Error NotSupported(const std::string& text) { return Error(Code::kNotSupported, text); }

std::string FamilyName(const std::string& name) {
  return "column family \"" + EscapeForMessage(name) + "\"";
}

// CURRENT is a line of text that names a MANIFEST. Files that RocksDB encrypts start with 4096
// bytes of noise.
Error CheckCurrent(const Survey& survey) {
  if (survey.CurrentManifest() != 0) return Error();
  std::string head;
  const bool readable =
      !survey.manifests.empty() &&
      ReadWhole(Under(survey.path, ManifestName(*survey.manifests.rbegin())), &head) &&
      ParseManifest(1, head).whole;
  if (!readable && !survey.current.empty() && !IsText(survey.current)) {
    return NotSupported(
        "neither CURRENT nor a MANIFEST can be read: the database is encrypted (by an EncryptedEnv "
        "of RocksDB, say), or both are damaged. This package does not encrypt: open it with the "
        "program that wrote it");
  }
  std::string hint = "restore it from a copy";
  if (readable) {
    hint = "if " + ManifestName(*survey.manifests.rbegin()) +
           " is the newest, write its name and a line end into it";
  }
  return Error(Code::kCorruption,
               "CURRENT in " + survey.path + " does not name a MANIFEST; " + hint);
}

Error CheckComparator(const ManifestFamily& family) {
  if (family.comparator.empty() || family.comparator == "leveldb.BytewiseComparator") {
    return Error();
  }
  std::string how = "which only the program that wrote it has";
  if (family.comparator == "rocksdb.ReverseBytewiseComparator") how = "which sorts backwards";
  if (family.comparator.find(".u64ts") != std::string::npos) {
    how = "whose keys have a timestamp at their end";
  }
  return NotSupported(FamilyName(family.name) + " has the comparator " + family.comparator + ", " +
                      how +
                      ". This package sorts keys by their bytes: open it with the program "
                      "that wrote it, and copy its rows");
}

bool HasId(const std::string& text, const std::string& id) {
  return text.rfind(id, 0) == 0 || text.find("id=" + id) != std::string::npos;
}

Error CheckTtl(const Survey& survey, const ManifestFamily& family) {
  const OptionsFile& options = survey.options;
  if (!HasId(options.OfFamily(family.name, "compaction_filter_factory"),
             "TtlCompactionFilterFactory") &&
      !HasId(options.OfFamily(family.name, "compaction_filter"), "TtlCompactionFilter") &&
      !HasId(options.OfFamily(family.name, "merge_operator"), "TtlMergeOperator")) {
    return Error();
  }
  return NotSupported(FamilyName(family.name) + " was written with RocksDB's DBWithTTL (" +
                      options.name +
                      "): each value has four bytes of time at its end, which would be taken for "
                      "part of it. Open it with the program that wrote it, and copy its rows");
}

Error CheckName(const ManifestFamily& family) {
  if (IsUtf8(family.name) && family.name.find('\0') == std::string::npos) return Error();
  return NotSupported(FamilyName(family.name) +
                      ": its name is not UTF-8 or has a null byte, so that it cannot be named in "
                      "JavaScript. Copy its rows to another family with the program that wrote it");
}

// Whether the family's tables are opened as block-based ones.
bool IsBlockBased(const OpenRequest& request, const std::string& name) {
  const OptionMap* options = &request.defaults.column_family;
  for (const FamilyRequest& family : request.families) {
    if (family.name == name) options = &family.options.column_family;
  }
  const std::string factory = OptionsFile::Find(*options, "table_factory");
  return factory.empty() || factory == "BlockBasedTable";
}

const std::string& NameOf(const Manifest& manifest, uint32_t family) {
  static const std::string* const unknown = new std::string();
  const auto found = manifest.families.find(family);
  return found == manifest.families.end() ? *unknown : found->second.name;
}

Error CheckTable(const Survey& survey, const OpenRequest& request, uint64_t number,
                 const ManifestTable& table) {
  const std::string& family = NameOf(survey.manifest, table.family);
  if (table.path_id != 0) {
    return NotSupported(FamilyName(family) +
                        " has tables in other folders (db_paths or cf_paths), which this package "
                        "does not know: open it with the program that wrote it");
  }
  const bool leveldb = survey.leveldb_tables.count(number) != 0;
  const std::string name = NumberedName(number, leveldb ? ".ldb" : ".sst");
  const std::string why = WhyUnreadable(ReadTableFooter(Under(survey.path, name)));
  if (why.empty() || !IsBlockBased(request, family)) return Error();
  const std::string version = OptionsFile::Find(survey.options.db, "rocksdb_version");
  return NotSupported(name + " of " + FamilyName(family) + " " + why +
                      (version.empty() ? "" : " (last written by RocksDB " + version + ")") +
                      ". The database is whole: open it with a program that can read it");
}

// Looks for tables that the MANIFEST names and that are in no folder known here.
Error CheckPresence(const Survey& survey) {
  size_t missing = 0;
  std::string example;
  for (const auto& [number, table] : survey.manifest.tables) {
    if (survey.tables.count(number) + survey.leveldb_tables.count(number) != 0) continue;
    const std::string name = NumberedName(number, ".sst");
    std::error_code ignored;
    // A writer in another process may have created it since the names were read.
    if (table.path_id != 0 || fs::exists(fs::u8path(Under(survey.path, name)), ignored)) continue;
    if (missing++ == 0) example = name;
  }
  if (missing == 0 || !IsUnchanged(survey)) return Error();
  return Error(Code::kCorruption,
               std::to_string(missing) + " of " + std::to_string(survey.manifest.tables.size()) +
                   " tables that " + ManifestName(survey.manifest.number) + " names are not in " +
                   survey.path + " (" + example +
                   "): they were removed, or are kept in other folders (db_paths, cf_paths), which "
                   "this package does not know. Restore them from a copy");
}

Error CheckTables(const Survey& survey, const OpenRequest& request) {
  const auto& tables = survey.manifest.tables;
  const size_t older = tables.size() > kNewestFiles ? tables.size() - kNewestFiles : 0;
  const size_t step = older / kOtherFiles + 1;
  size_t index = 0;
  for (const auto& [number, table] : tables) {
    const size_t at = index++;
    if (at < older && at % step != 0 && table.path_id == 0) continue;
    Error error = CheckTable(survey, request, number, table);
    if (!error.ok()) return error;
  }
  return Error();
}

Error CheckBlobs(const Survey& survey) {
  size_t left = kNewestFiles;
  for (auto blob = survey.blobs.rbegin(); blob != survey.blobs.rend() && left != 0;
       ++blob, --left) {
    const std::string name = NumberedName(*blob, ".blob");
    const std::string why = WhyBlobUnreadable(Under(survey.path, name));
    if (!why.empty()) return NotSupported(name + " " + why + ". The database is whole");
  }
  return Error();
}

}  // namespace

Error CheckNotLevelDb(const Survey& survey) {
  const bool others = survey.has_identity || !survey.options_files.empty();
  const bool tables = survey.tables.empty() && !survey.leveldb_tables.empty();
  if (others || !(survey.manifest.leveldb || (tables && !survey.manifest.whole))) return Error();
  return NotSupported(
      survey.path +
      " is a LevelDB: RocksDB would rewrite it, and LevelDB would not open it any more. Read its "
      "rows with the npm package classic-level, and put them into a new directory with this one");
}

Error CheckReadable(const Survey& survey, const OpenRequest& request) {
  if (!survey.has_current) return Error();
  Error error = CheckCurrent(survey);
  for (const auto& [id, family] : survey.manifest.families) {
    if (error.ok()) error = CheckName(family);
    if (error.ok()) error = CheckComparator(family);
    if (error.ok()) error = CheckTtl(survey, family);
  }
  if (error.ok()) error = CheckPresence(survey);
  if (error.ok()) error = CheckTables(survey, request);
  if (error.ok()) error = CheckBlobs(survey);
  return error;
}

}  // namespace rocksdb_live
