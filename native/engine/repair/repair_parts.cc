#include "engine/repair/repair_parts.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <system_error>

#include "engine/base/byte_reader.h"
#include "engine/files/file_names.h"
#include "engine/files/log_file.h"
#include "engine/files/small_files.h"
#include "engine/repair/repair_scan.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

struct ManifestText {
  uint64_t number = 0;
  std::vector<std::string> records;
  bool damaged = false;
  Manifest manifest;
};

Manifest Parse(uint64_t number, const std::vector<std::string>& records) {
  std::string text;
  LogFileWriter writer(&text);
  for (const std::string& record : records) writer.Add(record);
  return ParseManifest(number, text);
}

// Reads the records before the first damage, without an unfinished group, which RocksDB would
// ignore.
ManifestText ReadManifest(const std::string& path, uint64_t number) {
  ManifestText text;
  text.number = number;
  LogFileReader reader(Under(path, ManifestName(number)), number);
  std::string record;
  while (reader.Next(&record) && reader.damaged_bytes() == 0) text.records.push_back(record);
  text.damaged = reader.damaged_bytes() != 0;
  text.manifest = Parse(number, text.records);
  if (text.manifest.unfinished_records != 0) {
    text.records.resize(text.records.size() - text.manifest.unfinished_records);
    text.manifest = Parse(number, text.records);
  }
  if (!text.manifest.whole) text.records.clear();
  return text;
}

std::string TableName(uint64_t number) { return NumberedName(number, ".sst"); }

void NoteManifest(const ManifestText& text, RepairPlan* plan) {
  const std::string name = ManifestName(text.number);
  if (text.records.empty()) {
    plan->damage.push_back({name, "no record in it can be read"});
  } else if (text.damaged) {
    plan->damage.push_back({name, "it is damaged behind its first " +
                                      std::to_string(text.records.size()) + " records"});
  }
  plan->cut = text.damaged || text.records.empty();
}

bool IsSound(const ManifestText& text) { return !text.damaged && !text.records.empty(); }

// A read that fails once is no damage: it is done again.
Error Twice(const std::function<Error()>& check) {
  const Error error = check();
  return error.code() == Code::kIo ? check() : error;
}

// Whether it is not the file that is wrong: it cannot even be opened, for want of descriptors or
// rights, say. Without its rows, a repair would be a loss.
bool IsNoDamage(const Error& error, const std::string& path) {
  std::string head;
  return error.code() == Code::kNotSupported ||
         (error.code() == Code::kIo && !ReadHead(path, 1, &head));
}

// What is wrong with a table that the MANIFEST names; empty if it is intact.
Result<std::string> WrongWith(const RepairPlan& plan, uint64_t number, const ManifestTable& table,
                              bool* there) {
  const std::string path = Under(plan.path, TableName(number));
  std::error_code code;
  const uint64_t size = fs::file_size(fs::u8path(path), code);
  *there = !code;
  if (code == std::errc::no_such_file_or_directory) return std::string("it is missing");
  if (code) return Error(Code::kIo, "cannot look at " + path + ": " + code.message());
  const Error error = Twice([&] { return CheckTable(plan.TableOptions(table.family), path); });
  if (IsNoDamage(error, path)) return error.WithContext(TableName(number));
  if (size != table.size)
    return "it has " + std::to_string(size) + " bytes of " + std::to_string(table.size);
  if (!error.ok()) return error.message();
  TableFacts facts;
  const Error read = ReadTableProperties(plan.TableOptions(table.family), path, &facts);
  if (read.ok() && facts.says_family && facts.family != table.family) {
    return "it is a table of the column family \"" + facts.family_name + "\"";
  }
  return std::string();
}

// Counts a batch of the WAL: its header has the first sequence number and the number of rows.
void ReadBatch(const std::string& record, WalScan* wal) {
  constexpr size_t kBatchHeader = 12;
  if (record.size() < kBatchHeader) return;
  ByteReader in(record);
  const uint64_t sequence = in.Fixed(8);
  const uint64_t count = in.Fixed(4);
  if (wal->first_sequence == 0 || sequence < wal->first_sequence) wal->first_sequence = sequence;
  wal->rows += count;
  CollectFamilies(record, &wal->families);
}

// Whether rows would be lost without a table that the MANIFEST does not know: it is neither the
// output of a compaction that a crash interrupted, nor of a flush whose rows are still in the WAL.
bool IsNeeded(const RepairPlan& plan, const TableFacts& table) {
  if (plan.manifest.families.count(table.family) == 0) return true;
  const auto flushed = plan.manifest.flushed.find(table.family);
  if (flushed != plan.manifest.flushed.end() && table.largest_sequence <= flushed->second) {
    return false;
  }
  const bool covered = plan.wal.compressed || (plan.wal.first_sequence != 0 &&
                                               plan.wal.first_sequence <= table.largest_sequence);
  return !covered;
}

// Reads a table that the MANIFEST does not know. `number` stays 0 if it is damaged or adds nothing.
Result<TableFacts> ReadUnknown(RepairPlan* plan, uint64_t number) {
  const std::string path = Under(plan->path, TableName(number));
  TableFacts facts;
  std::error_code code;
  facts.size = fs::file_size(fs::u8path(path), code);
  if (code) return Error(Code::kIo, "cannot look at " + path + ": " + code.message());
  const Error error = Twice([&] {
    Error read = ReadTableProperties(plan->TableOptions(0), path, &facts);
    if (read.ok()) read = CheckTable(plan->TableOptions(facts.family), path);
    if (read.ok()) read = ReadTableFacts(plan->TableOptions(facts.family), path, &facts);
    return read;
  });
  if (IsNoDamage(error, path)) return error.WithContext(TableName(number));
  if (error.ok()) {
    const bool empty = facts.rows + facts.range_deletions == 0;
    if (!empty && !plan->manifest.IsDropped(facts.family)) facts.number = number;
  } else if (plan->cut) {
    // With an intact MANIFEST this would be an unfinished file of a job that a crash interrupted.
    plan->damage.push_back({TableName(number), error.message()});
  }
  return facts;
}

}  // namespace

void FindManifest(RepairPlan* plan) {
  const Survey& survey = plan->survey;
  const uint64_t current = survey.CurrentManifest();
  if (current != 0 && survey.manifests.count(current) != 0) {
    ManifestText text = ReadManifest(plan->path, current);
    NoteManifest(text, plan);
    plan->records = std::move(text.records);
    plan->manifest = std::move(text.manifest);
  } else {
    plan->damage.push_back({"CURRENT", !survey.has_current ? "it is missing"
                                       : current == 0      ? "it names no MANIFEST"
                                                      : "the MANIFEST that it names is missing"});
    plan->cut = true;
    ManifestText best;
    for (auto number = survey.manifests.rbegin(); number != survey.manifests.rend(); ++number) {
      ManifestText text = ReadManifest(plan->path, *number);
      if (IsSound(text)) {
        best = std::move(text);
        plan->cut = current != 0;  // a newer MANIFEST is missing
        break;
      }
      if (text.records.size() > best.records.size()) best = std::move(text);
    }
    if (best.number != 0 && !IsSound(best)) NoteManifest(best, plan);
    plan->records = std::move(best.records);
    plan->manifest = std::move(best.manifest);
  }
  plan->has_manifest = !plan->records.empty();
  if (plan->has_manifest) return;
  plan->manifest = Manifest();
  plan->manifest.families[0].name = "default";
}

void ScanWal(RepairPlan* plan) {
  uint64_t oldest = plan->has_manifest ? std::numeric_limits<uint64_t>::max() : 0;
  for (const auto& [id, family] : plan->manifest.families) {
    oldest = std::min(oldest, family.log_number);
  }
  std::string torn;
  for (const auto& [number, size] : WalFilesIn(plan->wal_dir)) {
    plan->wal.numbers.insert(number);
    if (number < oldest) continue;
    const std::string path = Under(plan->wal_dir, NumberedName(number, ".log"));
    LogFileReader reader(path, number);
    std::string record;
    while (reader.Next(&record)) {
      if (!reader.compressed()) ReadBatch(record, &plan->wal);
    }
    plan->wal.compressed = plan->wal.compressed || reader.compressed();
    plan->wal.damaged_bytes += reader.damaged_bytes();
    const bool own = plan->wal_dir == plan->path;
    const std::string name = own ? NumberedName(number, ".log") : path;
    if (!reader.opened()) plan->damage.push_back({name, "it cannot be opened"});
    if (reader.damaged_bytes() != 0) {
      plan->damage.push_back(
          {name, std::to_string(reader.damaged_bytes()) + " bytes in it are damaged"});
    }
    if (!torn.empty()) plan->damage.push_back({torn, "its end is missing"});
    torn = reader.torn() ? name : "";  // in the newest WAL, half a record is what a crash leaves
  }
}

Error CheckTables(RepairPlan* plan) {
  for (const auto& [number, table] : plan->manifest.tables) {
    bool there = false;
    Result<std::string> wrong = WrongWith(*plan, number, table, &there);
    if (!wrong.ok()) return wrong.error;
    if (wrong.value.empty()) continue;
    plan->damage.push_back({TableName(number), wrong.value});
    plan->lost.push_back({number, there});
  }
  return Error();
}

Error AddUnknownTables(RepairPlan* plan) {
  std::vector<TableFacts> found;
  for (const uint64_t number : plan->survey.tables) {
    if (plan->manifest.named_tables.count(number) != 0) continue;
    Result<TableFacts> facts = ReadUnknown(plan, number);
    if (!facts.ok()) return facts.error;
    if (facts.value.number != 0) found.push_back(std::move(facts.value));
  }
  const bool missing = std::any_of(plan->lost.begin(), plan->lost.end(),
                                   [](const LostTable& table) { return !table.there; });
  const bool needed = std::any_of(found.begin(), found.end(),
                                  [&](const TableFacts& facts) { return IsNeeded(*plan, facts); });
  if (!plan->cut && !needed && !(missing && !found.empty())) return Error();
  if (!plan->cut) {
    plan->damage.push_back({ManifestName(plan->manifest.number),
                            "it was cut: it does not know " + TableName(found.back().number)});
    plan->cut = true;
  }
  for (TableFacts& facts : found) {
    if (plan->manifest.families.count(facts.family) == 0 && facts.family != 0) {
      plan->new_families[facts.family] = facts.family_name;
    }
    plan->added.push_back(std::move(facts));
  }
  std::sort(plan->added.begin(), plan->added.end(), [](const TableFacts& a, const TableFacts& b) {
    return a.largest_sequence < b.largest_sequence;
  });
  return Error();
}

void AddUnknownFamilies(RepairPlan* plan) {
  if (!plan->cut) return;
  std::set<std::string> known;
  for (const auto& [id, name] : plan->Families()) known.insert(name);
  std::vector<std::string> names = MissingNames(*plan, known);
  std::vector<uint32_t> ids;
  for (const uint32_t id : plan->wal.families) {
    if (plan->Families().count(id) == 0 && !plan->manifest.IsDropped(id)) ids.push_back(id);
  }
  // If there are as many names as ids, they match: both are in the order of creation.
  const bool matched = names.size() == ids.size();
  for (size_t i = 0; i < ids.size(); ++i) {
    plan->new_families[ids[i]] = matched ? names[i] : "recovered-" + std::to_string(ids[i]);
    if (matched) continue;
    plan->damage.push_back(
        {"the WAL", "it has rows of a column family whose name is lost: it is now named \"" +
                        plan->new_families[ids[i]] + "\""});
  }
  if (matched) return;
  auto next = static_cast<uint32_t>(plan->manifest.highest_family) + 1;
  for (const auto& [id, name] : plan->Families()) next = std::max(next, id + 1);
  for (const std::string& name : names) plan->new_families[next++] = name;
}

void CheckBlobs(RepairPlan* plan) {
  const auto& known = plan->manifest.blobs;
  const auto& there = plan->survey.blobs;
  std::set<uint64_t> numbers;
  std::set_union(known.begin(), known.end(), there.begin(), there.end(),
                 std::inserter(numbers, numbers.end()));
  if (numbers.empty()) return;
  // RocksDB deletes blob files without live values and does not record that in the MANIFEST.
  const bool all = !plan->cut && numbers == known && numbers == there;
  std::set<uint64_t> in_use = numbers;
  if (!all) {
    in_use.clear();
    for (const auto& [number, use] : ReferredBlobs(*plan)) {
      in_use.insert(number);
      if (known.count(number) == 0) plan->new_blobs[number] = use;
    }
  }
  for (const uint64_t number : in_use) {
    const std::string name = NumberedName(number, ".blob");
    BlobFacts facts = CheckBlobFile(Under(plan->path, name));
    if (!facts.whole) plan->damage.push_back({name, facts.reason});
    plan->blobs[number] = std::move(facts);
  }
}

}  // namespace rocksdb_live
