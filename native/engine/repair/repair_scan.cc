#include "engine/repair/repair_scan.h"

#include <algorithm>

#include "engine/files/file_names.h"
#include "engine/files/small_files.h"
#include "rocksdb/write_batch.h"

namespace rocksdb_live {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

class FamilyCollector : public rocksdb::WriteBatch::Handler {
 public:
  explicit FamilyCollector(std::set<uint32_t>* families) : families_(families) {}

  Status PutCF(uint32_t id, const Slice&, const Slice&) override { return Note(id); }
  Status PutEntityCF(uint32_t id, const Slice&, const Slice&) override { return Note(id); }
  Status DeleteCF(uint32_t id, const Slice&) override { return Note(id); }
  Status SingleDeleteCF(uint32_t id, const Slice&) override { return Note(id); }
  Status DeleteRangeCF(uint32_t id, const Slice&, const Slice&) override { return Note(id); }
  Status MergeCF(uint32_t id, const Slice&, const Slice&) override { return Note(id); }
  Status PutBlobIndexCF(uint32_t id, const Slice&, const Slice&) override { return Note(id); }
  void LogData(const Slice&) override {}

 private:
  Status Note(uint32_t id) {
    families_->insert(id);
    return Status::OK();
  }

  std::set<uint32_t>* const families_;
};

std::string TablePath(const RepairPlan& plan, uint64_t number) {
  return Under(plan.path, NumberedName(number, ".sst"));
}

// Lost tables count as well: rows are salvaged from them.
std::vector<std::pair<uint64_t, uint32_t>> ReadableTables(const RepairPlan& plan) {
  auto tables = StayingTables(plan);
  for (const LostTable& table : plan.lost) {
    if (!table.there) continue;
    tables.emplace_back(table.number, plan.manifest.tables.at(table.number).family);
  }
  return tables;
}

}  // namespace

void CollectFamilies(const std::string& batch, std::set<uint32_t>* families) {
  FamilyCollector collector(families);
  // Iterate stops at records that it does not know (marks of transactions), which other programs
  // wrote.
  rocksdb::WriteBatch(batch).Iterate(&collector).PermitUncheckedError();
}

std::vector<std::string> MissingNames(const RepairPlan& plan, const std::set<std::string>& known) {
  std::vector<std::string> names;
  for (const std::string& name : plan.recorded) {
    if (name != "default" && known.count(name) == 0) names.push_back(name);
  }
  return names;
}

std::vector<std::pair<uint64_t, uint32_t>> StayingTables(const RepairPlan& plan) {
  std::vector<std::pair<uint64_t, uint32_t>> tables;
  for (const auto& [number, table] : plan.manifest.tables) {
    const bool lost = std::any_of(plan.lost.begin(), plan.lost.end(),
                                  [&](const LostTable& one) { return one.number == number; });
    if (!lost) tables.emplace_back(number, table.family);
  }
  for (const TableFacts& facts : plan.added) tables.emplace_back(facts.number, facts.family);
  return tables;
}

std::map<uint64_t, BlobUse> ReferredBlobs(const RepairPlan& plan) {
  constexpr uint64_t kRecordHeader = 32;
  std::map<uint64_t, BlobUse> blobs;
  for (const auto& [number, id] : ReadableTables(plan)) {
    const uint32_t family = id;
    SalvageTable(plan.TableOptions(family), TablePath(plan, number),
                 [&](const rocksdb::ParsedEntryInfo& entry, const Slice& value) {
                   BlobPlace place;
                   if (entry.type != rocksdb::kEntryBlobIndex) return;
                   if (!ReadBlobPlace(value, &place)) return;
                   BlobUse& use = blobs[place.file];
                   use.family = family;
                   ++use.count;
                   use.bytes += kRecordHeader + entry.user_key.size() + place.size;
                 });
  }
  return blobs;
}

std::set<std::pair<uint32_t, std::string>> KeysOfLostBlobs(const RepairPlan& plan) {
  std::set<std::pair<uint32_t, std::string>> keys;
  if (!plan.HasLostBlobs()) return keys;
  for (const auto& [number, id] : ReadableTables(plan)) {
    const uint32_t family = id;
    SalvageTable(plan.TableOptions(family), TablePath(plan, number),
                 [&](const rocksdb::ParsedEntryInfo& entry, const Slice& value) {
                   BlobPlace place;
                   if (entry.type != rocksdb::kEntryBlobIndex) return;
                   if (!ReadBlobPlace(value, &place)) return;
                   const auto blob = plan.blobs.find(place.file);
                   if (blob == plan.blobs.end() || blob->second.whole) return;
                   if (blob->second.values.count(place.offset) != 0) return;
                   keys.emplace(family, entry.user_key.ToString());
                 });
  }
  return keys;
}

}  // namespace rocksdb_live
