#include "engine/repair/repair_rebuild.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "engine/files/file_names.h"
#include "engine/files/log_file.h"
#include "engine/files/small_files.h"
#include "engine/options/rocksdb_open.h"
#include "engine/repair/manifest_edit.h"
#include "engine/repair/overlay_files.h"
#include "engine/repair/repair_scan.h"
#include "engine/repair/salvage.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;
using rocksdb::ColumnFamilyHandle;
using rocksdb::DB;
using rocksdb::Status;

// Higher than the epoch of any existing table, so that added tables count as newer.
constexpr uint64_t kFirstEpoch = uint64_t{1} << 32;
constexpr int kMaxOpenFiles = 512;

std::string ManifestText(const RepairPlan& plan) {
  std::string text;
  LogFileWriter writer(&text);
  if (!plan.has_manifest) writer.Add(FirstEdit());
  for (const std::string& record : plan.records) writer.Add(record);
  uint64_t last_sequence = plan.manifest.last_sequence;
  for (const TableFacts& table : plan.added) {
    last_sequence = std::max(last_sequence, table.largest_sequence);
  }
  const auto families = plan.Families();
  const uint32_t highest = families.empty() ? 0 : families.rbegin()->first;
  writer.Add(NumbersEdit(plan.next_number + 1, last_sequence,
                         std::max(highest, static_cast<uint32_t>(plan.manifest.highest_family))));
  for (const auto& [id, name] : plan.new_families) {
    if (id != 0) writer.Add(FamilyEdit(id, name));
  }
  std::map<uint32_t, FilesEdit> edits;
  const auto of = [&](uint32_t family) -> FilesEdit& {
    return edits.emplace(family, FilesEdit(family)).first->second;
  };
  for (const LostTable& lost : plan.lost) {
    const ManifestTable& table = plan.manifest.tables.at(lost.number);
    of(table.family).RemoveTable(table.level, lost.number);
  }
  for (const auto& [number, use] : plan.new_blobs) of(use.family).AddBlobFile(number, use);
  uint64_t epoch = kFirstEpoch;
  for (const TableFacts& table : plan.added) of(table.family).AddTable(table, epoch++);
  for (const auto& [family, edit] : edits) writer.Add(edit.Finish());
  return text;
}

// One trial: a folder that is opened as a database several times.
class Trial {
 public:
  Trial(const RepairPlan& plan, const std::string& folder) : plan_(plan), folder_(folder) {}

  Error Prepare();
  Error Open();
  Error Close();
  // Deletes rows whose values are lost: RocksDB would fail on each of them forever.
  Error DeleteUnreadable(uint64_t* count, std::set<uint32_t>* families);
  Error Compact(const std::set<uint32_t>& families);
  Error Check(Rebuilt* rebuilt);
  Result<std::string> NewWalPath() const;

 private:
  rocksdb::DBOptions DbOptions() const;
  std::vector<rocksdb::ColumnFamilyDescriptor> Descriptors() const;
  Error CopyBlobs(std::map<std::string, std::string>* shown);

  const RepairPlan& plan_;
  const std::string folder_;
  std::unique_ptr<rocksdb::Env> env_;
  std::vector<ColumnFamilyHandle*> handles_;
  std::unique_ptr<DB> db_;
};

// Copies files without a footer and adds one in the folder: RocksDB cannot read them without.
Error Trial::CopyBlobs(std::map<std::string, std::string>* shown) {
  for (const auto& [number, facts] : plan_.blobs) {
    const std::string name = NumberedName(number, ".blob");
    const std::string path = Under(plan_.path, name);
    if (facts.readable) {
      (*shown)[name] = path;
    } else if (facts.count != 0 && !CopyBlobFileWithFooter(path, facts, Under(folder_, name))) {
      return Error(Code::kIo, "cannot copy " + name + " to " + folder_ + ": is the disk full?");
    }
  }
  return Error();
}

Error Trial::Prepare() {
  std::error_code code;
  fs::remove_all(fs::u8path(folder_), code);
  if (!code) fs::create_directory(fs::u8path(folder_), fs::u8path(plan_.path), code);
  if (code) return Error(Code::kIo, "cannot make " + folder_ + ": " + code.message());
  std::map<std::string, std::string> shown;
  for (const auto& [number, family] : StayingTables(plan_)) {
    const std::string name = NumberedName(number, ".sst");
    shown[name] = Under(plan_.path, name);
  }
  for (const uint64_t number : plan_.wal.numbers) {
    const std::string name = NumberedName(number, ".log");
    shown[name] = Under(plan_.wal_dir, name);
  }
  Error error = CopyBlobs(&shown);
  if (!error.ok()) return error;
  std::string identity;
  if (ReadWhole(Under(plan_.path, "IDENTITY"), &identity) && !identity.empty()) {
    error = WriteAtomically(Under(folder_, "IDENTITY"), identity, false);
  }
  const std::string manifest = ManifestName(plan_.next_number);
  if (error.ok()) error = WriteAtomically(Under(folder_, manifest), ManifestText(plan_), false);
  if (error.ok()) error = WriteAtomically(Under(folder_, "CURRENT"), manifest + "\n", false);
  env_ = NewOverlayEnv(folder_, std::move(shown));
  return error;
}

rocksdb::DBOptions Trial::DbOptions() const {
  rocksdb::DBOptions options;
  options.env = env_.get();
  options.create_if_missing = false;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  options.track_and_verify_wals_in_manifest = false;
  options.max_open_files = kMaxOpenFiles;
  options.keep_log_file_num = 1;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> Trial::Descriptors() const {
  std::map<uint32_t, std::string> families = plan_.Families();
  families[0] = rocksdb::kDefaultColumnFamilyName;
  std::map<uint32_t, uint64_t> levels;
  for (const auto& [number, table] : plan_.manifest.tables) {
    levels[table.family] = std::max(levels[table.family], table.level + 1);
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& [id, name] : families) {
    rocksdb::ColumnFamilyOptions options = plan_.OptionsOf(name);
    options.num_levels = std::max(options.num_levels, static_cast<int>(levels[id]));
    descriptors.emplace_back(name, options);
  }
  return descriptors;
}

Error Trial::Open() {
  const rocksdb::DBOptions options = DbOptions();
  const auto descriptors = Descriptors();
  return Error::From(OpenInto(
      &db_, [&](auto* out) -> decltype(DB::Open(options, folder_, descriptors, &handles_, out)) {
        return DB::Open(options, folder_, descriptors, &handles_, out);
      }));
}

Error Trial::Close() {
  Status status = Status::OK();
  for (ColumnFamilyHandle* handle : handles_) {
    const Status destroyed = db_->DestroyColumnFamilyHandle(handle);
    if (status.ok()) status = destroyed;
  }
  handles_.clear();
  const Status closed = db_->Close();
  db_.reset();
  return Error::From(status.ok() ? closed : status);
}

Error Trial::DeleteUnreadable(uint64_t* count, std::set<uint32_t>* families) {
  for (const auto& [number, facts] : plan_.blobs) {
    if (facts.there && !facts.whole) families->insert(facts.family);
  }
  for (const auto& [family, key] : KeysOfLostBlobs(plan_)) {
    const uint32_t id = family;
    families->insert(id);
    const auto handle = std::find_if(handles_.begin(), handles_.end(),
                                     [&](const auto* one) { return one->GetID() == id; });
    if (handle == handles_.end()) continue;
    rocksdb::PinnableSlice value;
    Status status = db_->Get(rocksdb::ReadOptions(), *handle, key, &value);
    const bool unmerged = status.subcode() == Status::kMergeOperatorFailed;
    if (status.ok() || status.IsNotFound() || unmerged) continue;
    status = db_->Delete(rocksdb::WriteOptions(), *handle, key);
    if (!status.ok()) return Error::From(status);
    ++*count;
  }
  return Error::From(db_->Flush(rocksdb::FlushOptions(), handles_));
}

Error Trial::Compact(const std::set<uint32_t>& families) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  if (plan_.HasLostBlobs()) {
    // Moves intact values out of damaged blob files.
    options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
    options.blob_garbage_collection_age_cutoff = 1.0;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  }
  for (ColumnFamilyHandle* handle : handles_) {
    if (families.count(handle->GetID()) == 0) continue;
    const Status status = db_->CompactRange(options, handle, nullptr, nullptr);
    if (!status.ok()) return Error::From(status);
  }
  return Error();
}

// Checks that all files of the result are intact.
Error Trial::Check(Rebuilt* rebuilt) {
  for (ColumnFamilyHandle* handle : handles_) {
    rocksdb::ColumnFamilyMetaData data;
    db_->GetColumnFamilyMetaData(handle, &data);
    for (const auto& level : data.levels) {
      for (const auto& file : level.files) rebuilt->tables.insert(file.file_number);
    }
    for (const auto& blob : data.blob_files) rebuilt->blobs.insert(blob.blob_file_number);
  }
  for (const auto& [number, facts] : plan_.blobs) {
    if (facts.whole || facts.readable || rebuilt->blobs.count(number) == 0) continue;
    return Error(Code::kCorruption, "values of " + NumberedName(number, ".blob") +
                                        " could not be brought to another file");
  }
  return Error::From(db_->VerifyChecksum(rocksdb::ReadOptions()));
}

Result<std::string> Trial::NewWalPath() const {
  uint64_t largest = plan_.next_number;
  std::error_code code;
  for (fs::directory_iterator file(fs::u8path(folder_), code);
       !code && file != fs::directory_iterator(); file.increment(code)) {
    largest = std::max(largest, ParseFileName(file->path().filename().u8string()).number);
  }
  if (code) return Error(Code::kIo, "cannot read " + folder_ + ": " + code.message());
  return Under(folder_, NumberedName(largest + 1, ".log"));
}

Error Run(const RepairPlan& plan, Trial* trial, Rebuilt* rebuilt, RepairReport* report) {
  Error error = trial->Prepare();
  if (error.ok()) error = trial->Open();
  if (!error.ok()) return error;
  std::set<uint32_t> mixed;  // families whose level 0 may have files older than other levels
  for (const TableFacts& table : plan.added) mixed.insert(table.family);
  if (!plan.lost.empty()) {
    error = trial->Close();
    if (!error.ok()) return error;
    const Result<std::string> wal = trial->NewWalPath();
    if (!wal.ok()) return wal.error;
    const Salvaged salvaged = SalvageToWal(plan, Under(rebuilt->folder, "salvage"), wal.value);
    if (!salvaged.error.empty()) return Error(Code::kIo, salvaged.error);
    report->salvaged_rows = salvaged.rows;
    report->lost_rows = salvaged.lost_rows;
    report->lost_range_deletions = salvaged.lost_range_deletions;
    mixed.insert(salvaged.families.begin(), salvaged.families.end());
    error = trial->Open();
  }
  if (error.ok() && plan.HasLostBlobs()) {
    error = trial->DeleteUnreadable(&report->unreadable_values, &mixed);
  }
  if (error.ok()) error = trial->Compact(mixed);
  if (error.ok()) error = trial->Check(rebuilt);
  if (error.ok()) error = trial->Close();
  return error;
}

}  // namespace

Result<Rebuilt> Rebuild(const RepairPlan& plan, const std::string& folder, RepairReport* report) {
  Rebuilt rebuilt;
  rebuilt.folder = folder;
  Error error;
  {
    Trial trial(plan, folder);
    error = Run(plan, &trial, &rebuilt, report);
  }
  std::string current;
  if (error.ok() && !ReadWhole(Under(folder, "CURRENT"), &current)) {
    error = Error(Code::kIo, "cannot read CURRENT in " + folder);
  }
  if (!error.ok()) return error;
  rebuilt.manifest = current.substr(0, current.find('\n'));
  for (const auto& [id, name] : plan.Families()) report->families.push_back(name);
  return rebuilt;
}

}  // namespace rocksdb_live
