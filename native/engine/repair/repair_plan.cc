#include "engine/repair/repair_plan.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/fallback_merge.h"
#include "engine/base/merge_rules.h"
#include "engine/directory/adopt_expiry.h"
#include "engine/directory/directory.h"
#include "engine/directory/wal_home.h"
#include "engine/files/file_names.h"
#include "engine/files/small_files.h"
#include "engine/options/expiry_filter.h"
#include "engine/options/expiry_mark.h"
#include "engine/repair/repair_parts.h"
#include "rocksdb/convenience.h"
#include "rocksdb/utilities/options_util.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

constexpr char kBytewise[] = "leveldb.BytewiseComparator";

Error Refuse(const std::string& why) {
  return Error(Code::kNotSupported, why + ". Nothing was changed");
}

// Loads the families' options from the newest readable OPTIONS file. Only options that decide how
// files are read and written matter here.
void LoadOptions(RepairPlan* plan) {
  OfferOperators();
  RegisterExpiryFilter();
  rocksdb::ConfigOptions config;
  config.ignore_unknown_options = true;
  config.ignore_unsupported_options = true;
  const auto& files = plan->survey.options_files;
  for (auto number = files.rbegin(); number != files.rend(); ++number) {
    const std::string name = "OPTIONS-" + NumberedName(*number, "");
    rocksdb::DBOptions db;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    if (!rocksdb::LoadOptionsFromFile(config, Under(plan->path, name), &db, &families).ok()) {
      continue;
    }
    for (const auto& family : families) {
      plan->options[family.name] = family.options;
      plan->recorded.push_back(family.name);
    }
    return;
  }
}

void TakeExpiry(RepairPlan* plan, const std::string& family,
                const std::optional<std::string>& text) {
  if (!text || text->empty()) return;
  plan->options[family].compaction_filter_factory = MakeExpiryFactory(*text, false);
}

// Families that no OPTIONS file describes say in their tables whether their rows expire.
void LoadExpiry(RepairPlan* plan) {
  for (const auto& [id, family] : plan->manifest.families) {
    if (plan->options.count(family.name) != 0) continue;
    TakeExpiry(plan, family.name, ExpiryInTables(plan->path, plan->manifest, id));
  }
  for (const TableFacts& table : plan->added) {
    if (plan->options.count(table.family_name) != 0) continue;
    const std::string name = NumberedName(table.number, ".sst");
    TakeExpiry(plan, table.family_name, MarkOf(Under(plan->path, name)));
  }
}

// Refuses databases that a repair would harm.
Error CheckKind(const RepairPlan& plan) {
  const Survey& survey = plan.survey;
  if (!survey.leveldb_tables.empty() && survey.tables.empty()) {
    return Refuse("it is LevelDB's (*.ldb), and is repaired by a program that has LevelDB");
  }
  for (const auto& [id, family] : plan.manifest.families) {
    if (!family.comparator.empty() && family.comparator != kBytewise) {
      return Refuse("column family \"" + family.name + "\" is in the order of " +
                    family.comparator + ", which a repair here cannot keep");
    }
  }
  for (const auto& [number, table] : plan.manifest.tables) {
    if (table.path_id != 0) {
      return Refuse("it has tables in several directories (db_paths or cf_paths)");
    }
  }
  return Error();
}

// A missing WAL folder may be on a disk that is not mounted.
Error CheckWalFolder(const RepairPlan& plan, bool force) {
  std::error_code code;
  if (fs::is_directory(fs::u8path(plan.wal_dir), code)) return Error();
  if (force) return FindDirectory(plan.wal_dir, true).error;
  return Refuse("its WAL folder " + plan.wal_dir +
                " is missing: bring it back, or repair with { force: true } without what is in it");
}

// Tables in a directory that is recorded nowhere here look as if they were missing.
Error CheckElsewhere(const RepairPlan& plan) {
  std::map<uint32_t, size_t> tables;
  std::map<uint32_t, size_t> missing;
  for (const auto& [number, table] : plan.manifest.tables) ++tables[table.family];
  for (const LostTable& table : plan.lost) {
    if (!table.there) ++missing[plan.manifest.tables.at(table.number).family];
  }
  for (const auto& [family, count] : missing) {
    if (count < 2 || count != tables[family]) continue;
    return Refuse("all " + std::to_string(count) + " tables of the column family \"" +
                  plan.manifest.families.at(family).name +
                  "\" are missing: they may be in another directory (db_paths, cf_paths). Where "
                  "they are lost indeed, repair with { force: true }");
  }
  return Error();
}

uint64_t LargestNumber(const RepairPlan& plan) {
  const Survey& survey = plan.survey;
  uint64_t largest = plan.manifest.next_file_number;
  for (const auto* numbers : {&survey.manifests, &survey.options_files, &survey.wals,
                              &survey.tables, &survey.blobs, &plan.wal.numbers}) {
    if (!numbers->empty()) largest = std::max(largest, *numbers->rbegin());
  }
  return largest;
}

}  // namespace

rocksdb::ColumnFamilyOptions RepairPlan::OptionsOf(const std::string& family) const {
  rocksdb::ColumnFamilyOptions result;
  const auto found = options.find(family);
  if (found != options.end()) result = found->second;
  const std::string operator_name =
      result.merge_operator ? result.merge_operator->Name() : FallbackMerge()->Name();
  // Merge operands must come out as they went in, valid or not.
  result.merge_operator = KeepOperands(operator_name);
  result.comparator = rocksdb::BytewiseComparator();
  result.compaction_filter = nullptr;
  result.compaction_filter_factory = KeepExpired(result.compaction_filter_factory);
  const std::shared_ptr<const Expiry> expiry = ExpiryIn(result);
  if (expiry) MarkTables(TextOf(*expiry), &result);
  result.memtable_factory = rocksdb::ColumnFamilyOptions().memtable_factory;
  result.sst_partitioner_factory = nullptr;
  result.max_successive_merges = 0;
  result.inplace_update_support = false;
  result.disable_auto_compactions = true;
  result.enable_blob_garbage_collection = false;
  result.cf_paths.clear();
  result.ttl = 0;
  result.periodic_compaction_seconds = 0;
  result.preclude_last_level_data_seconds = 0;
  result.preserve_internal_time_seconds = 0;
  if (result.compaction_style == rocksdb::kCompactionStyleFIFO) {
    result.compaction_style = rocksdb::kCompactionStyleUniversal;  // FIFO deletes old rows
  }
  return result;
}

std::map<uint32_t, std::string> RepairPlan::Families() const {
  std::map<uint32_t, std::string> families = new_families;
  for (const auto& [id, family] : manifest.families) families[id] = family.name;
  return families;
}

rocksdb::Options RepairPlan::TableOptions(uint32_t family) const {
  const auto families = Families();
  const auto found = families.find(family);
  return rocksdb::Options(rocksdb::DBOptions(),
                          OptionsOf(found == families.end() ? "default" : found->second));
}

bool RepairPlan::HasLostBlobs() const {
  return std::any_of(blobs.begin(), blobs.end(),
                     [](const auto& blob) { return !blob.second.whole; });
}

Result<RepairPlan> PlanRepair(const std::string& path, bool force) {
  RepairPlan plan;
  plan.path = path;
  Result<Survey> survey = LookAt(path, true);
  if (!survey.ok()) return survey.error;
  plan.survey = std::move(survey.value);
  std::string example;
  if (plan.survey.CountDatabaseFiles(&example) == 0) {
    return Error(Code::kInvalidArgument, "there is no database at " + path);
  }
  FindManifest(&plan);
  plan.wal_dir = WalDirOf(path);
  Error error = CheckKind(plan);
  if (error.ok()) error = CheckWalFolder(plan, force);
  if (!error.ok()) return error;
  LoadOptions(&plan);
  ScanWal(&plan);
  error = CheckTables(&plan);
  if (error.ok() && !force) error = CheckElsewhere(plan);
  if (error.ok()) error = AddUnknownTables(&plan);
  if (!error.ok()) return error;
  AddUnknownFamilies(&plan);
  LoadExpiry(&plan);
  CheckBlobs(&plan);
  plan.next_number = LargestNumber(plan) + 1;
  const bool readable = plan.has_manifest || !plan.added.empty() || plan.wal.rows != 0;
  if (!readable) {
    return Error(Code::kCorruption, "nothing of it can be read: no MANIFEST, no table and no WAL");
  }
  return plan;
}

}  // namespace rocksdb_live
