#include "engine/repair/repair.h"

#include <filesystem>

#include "engine/changes/history.h"
#include "engine/directory/footprint.h"
#include "engine/directory/unreadable.h"
#include "engine/files/directory_lock.h"
#include "engine/files/small_files.h"
#include "engine/files/sound_logs.h"
#include "engine/options/rocksdb_open.h"
#include "engine/repair/repair_install.h"
#include "engine/store/registry.h"

namespace rocksdb_live {
namespace {

using rocksdb::DB;

// RocksDB's own lock, which other programs respect.
class FileLock {
 public:
  FileLock() = default;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (lock_ == nullptr) return;
    rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError();
    std::error_code ignored;
    if (made_) std::filesystem::remove(std::filesystem::u8path(path_), ignored);
  }

  Error Take(const std::string& path) {
    path_ = Under(path, "LOCK");
    std::error_code ignored;
    made_ = !std::filesystem::exists(std::filesystem::u8path(path_), ignored);
    return Error::From(rocksdb::Env::Default()->LockFile(path_, &lock_));
  }

  // Keeps the LOCK file: an unrepaired directory is left without a new one.
  void Keep() { made_ = false; }

 private:
  std::string path_;
  bool made_ = false;
  rocksdb::FileLock* lock_ = nullptr;
};

// The final check of a database without known damage: RocksDB opens it and drops nothing.
Error OpensReadOnly(const RepairPlan& plan) {
  rocksdb::DBOptions options;
  options.env = SoundEnv();
  options.wal_dir = plan.wal_dir;
  options.track_and_verify_wals_in_manifest = true;
  options.max_open_files = 512;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& [id, name] : plan.Families()) families.emplace_back(name, plan.OptionsOf(name));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  std::unique_ptr<DB> db;
  const rocksdb::Status status =
      OpenInto(&db,
               [&](auto* out) -> decltype(DB::OpenForReadOnly(options, plan.path, families,
                                                              &handles, out, false)) {
                 return DB::OpenForReadOnly(options, plan.path, families, &handles, out, false);
               });
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  return Error::From(status);
}

void DescribePlan(const RepairPlan& plan, RepairReport* report) {
  report->damage = plan.damage;
  report->wal_rows = plan.wal.rows;
  report->wal_lost_bytes = plan.wal.damaged_bytes;
}

Error RepairClosed(const std::string& path, bool force, RepairReport* report) {
  const Result<Survey> survey = LookAt(path, true);
  if (!survey.ok()) return survey.error;
  Error error = CheckNotLevelDb(survey.value);
  if (!error.ok()) return error;
  FileLock lock;
  error = lock.Take(path);
  if (!error.ok()) return error;
  UndoKilled(path);
  Result<RepairPlan> found = PlanRepair(path, force);
  if (!found.ok()) return found.error;
  RepairPlan& plan = found.value;
  DirectoryLock wal_lock;
  if (plan.wal_dir != path) {
    error = wal_lock.Take(plan.wal_dir);
    if (!error.ok()) return error.WithContext("the WAL folder " + plan.wal_dir);
  }
  if (plan.damage.empty()) {
    const Error opened = OpensReadOnly(plan);
    if (!opened.ok()) plan.damage.push_back({"", "RocksDB does not open it: " + opened.message()});
  }
  // What an opening refuses, a repair must end.
  const Error less = CheckFootprint(ReadFootprint(path), survey.value, plan.wal_dir);
  if (plan.damage.empty() && !less.ok()) plan.damage.push_back({"", less.message()});
  DescribePlan(plan, report);
  bool replica = false;
  for (const auto& [id, name] : plan.Families()) {
    if (name == kReplicaFamily) replica = true;
  }
  if (plan.damage.empty() && !force) {
    for (const auto& [id, name] : plan.Families()) {
      if (name != kReplicaFamily) report->families.push_back(name);
    }
    return Error();
  }
  // Its place would say that it has rows that a repair may lose.
  if (replica) {
    return Error(Code::kNotSupported,
                 "it is a replica's, which would differ from the others after a repair: remove its "
                 "directory, and let it begin again from a snapshot");
  }
  const std::string folder = Under(path, kTrialFolder);
  Result<Rebuilt> rebuilt = Rebuild(plan, folder, report);
  error = rebuilt.error;
  // Before, as the repaired database must not go on with the history of rows that it lost.
  if (error.ok()) RemoveHistory(path);
  if (error.ok()) error = Install(plan, rebuilt.value, report);
  // The footprint lists files that the repaired database does not have.
  if (error.ok()) RemoveFootprint(path);
  std::error_code ignored;
  std::filesystem::remove_all(std::filesystem::u8path(folder), ignored);
  if (!error.ok()) return error.WithContext("the repair failed, and changed nothing");
  lock.Keep();
  report->repaired = true;
  return Error();
}

}  // namespace

Result<RepairReport> RepairDatabase(const RepairRequest& request) {
  RepairReport report;
  const Error error = Registry::Get().WhileClosed(request.path, [&](const std::string& canonical) {
    return RepairClosed(canonical, request.force, &report);
  });
  if (!error.ok()) return error;
  return report;
}

}  // namespace rocksdb_live
