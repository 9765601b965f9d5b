// How a store is opened: the checks that RocksDB does not make, then RocksDB's own open.
#include <set>

#include "engine/base/wide_columns.h"
#include "engine/directory/directory.h"
#include "engine/files/lock_holder.h"
#include "engine/options/rocksdb_open.h"
#include "engine/store/store.h"
#include "rocksdb/version.h"

namespace rocksdb_live {

using rocksdb::ColumnFamilyDescriptor;
using rocksdb::ColumnFamilyHandle;
using rocksdb::DB;
using rocksdb::DBOptions;
using rocksdb::Status;

namespace {

using Descriptors = std::vector<ColumnFamilyDescriptor>;
using Handles = std::vector<ColumnFamilyHandle*>;

// Some 30,000 years: the largest number overflows where RocksDB adds to it.
constexpr uint64_t kNeverSeconds = uint64_t{1} << 40;

// RocksDB's files in memory cannot be mapped: mapped reads would find them empty.
Error CheckForMemory(const DBOptions& options) {
  if (!options.allow_mmap_reads && !options.allow_mmap_writes) return Error();
  const std::string name = options.allow_mmap_reads ? "allow_mmap_reads" : "allow_mmap_writes";
  return Error(Code::kNotSupported, name + " must be off for a database in memory");
}

}  // namespace

Result<std::shared_ptr<Store>> Store::Open(const OpenRequest& request) {
  Error error = CheckShared(request.shared);
  if (!error.ok()) return error;
  std::shared_ptr<Store> store(new Store(request));
  error = store->OpenDb();
  if (!error.ok()) return error;
  return store;
}

Error Store::PrepareOptions(DBOptions* options) {
  Error error = builder_.BuildDb(request_.db, options);
  if (error.ok() && request_.in_memory) error = CheckForMemory(*options);
  if (!error.ok()) return error;
  if (request_.mode == Mode::kReadWrite) {
    error = RetainWal(options);
    if (!error.ok()) return error;
  }
  options->create_if_missing = request_.mode == Mode::kReadWrite && request_.create_if_missing;
  options->error_if_exists = request_.error_if_exists;
  // A node makes no family but the hidden one: the others are made when its log says so.
  const bool node = request_.replica == ReplicaAccess::kNode;
  options->create_missing_column_families = request_.create_missing_families || node;
  if (request_.strict_recovery) {
    options->wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  }
  OpenFiles::Claim files;
  files.budget = request_.open_files_budget;
  files.adapts = request_.mode == Mode::kReadWrite;
  files.files = files.budget == 0 ? options->max_open_files : 0;
  open_files_ = OpenFiles::Get().Join(files);
  options->max_open_files = static_cast<int>((*open_files_)->files);
  options->env = wal_.env();
  options->listeners.push_back(health_);
  // After health_, so that whoever hears of an error finds it there.
  options->listeners.push_back(events_);
  if (kJobsTakeOptionsBack) options->listeners.push_back(reapplier_);
  std::shared_ptr<rocksdb::Logger> file;
  if (request_.mode != Mode::kReadOnly) {
    const std::string& where =
        request_.mode == Mode::kSecondary ? request_.secondary_path : request_.path;
    error = Error::From(rocksdb::CreateLoggerFromOptions(where, *options, &file));
    if (!error.ok()) return error.WithContext("the info log");
  }
  logger_ = std::make_shared<RecoveryLogger>(file);
  options->info_log = logger_;
  return Error();
}

// WAL files that somebody needs are archived, and deleted by Changes alone: RocksDB would go by the
// clock.
Error Store::RetainWal(DBOptions* options) {
  changes_.Load(request_.in_memory ? "" : request_.path, request_.retain_changes_bytes);
  if (!changes_.retains()) return Error();
  if (options->WAL_ttl_seconds != 0 || options->WAL_size_limit_MB != 0 ||
      options->recycle_log_file_num != 0) {
    return Error(Code::kInvalidArgument,
                 "WAL_ttl_seconds, WAL_size_limit_MB and recycle_log_file_num must be 0 while WAL "
                 "files are kept for readers of changes (changesRetainMb, retainChanges)");
  }
  options->WAL_ttl_seconds = kNeverSeconds;
  return Error();
}

// The families on disk and, if they may be created, the requested ones.
Error Store::Describe(const DBOptions& options, Descriptors* families) {
  std::vector<std::string> on_disk;
  if (!recovery_.created) {
    Error error = Error::From(DB::ListColumnFamilies(options, request_.path, &on_disk));
    if (!error.ok()) return error;
  }
  std::set<std::string> names(on_disk.begin(), on_disk.end());
  Error access = CheckAccess(names.count(kReplicaFamily) != 0);
  if (!access.ok()) return access;
  const bool node = request_.replica == ReplicaAccess::kNode;
  if (node) names.insert(kReplicaFamily);
  const bool may_create = request_.mode == Mode::kReadWrite && request_.create_missing_families;
  for (const FamilyRequest& family : request_.families) {
    if (family.name.empty()) {
      return Error(Code::kInvalidArgument, "a column family needs a name");
    }
    if (node) continue;
    if (names.count(family.name) == 0 && !may_create && !recovery_.created) {
      return Error(Code::kInvalidArgument, "column family \"" + family.name + "\" is not there");
    }
    names.insert(family.name);
  }
  names.insert(rocksdb::kDefaultColumnFamilyName);
  for (const std::string& name : names) {
    rocksdb::ColumnFamilyOptions family_options;
    Error error = BuildFamily(name, OptionsOf(name), options, &family_options);
    if (!error.ok()) return error;
    families->emplace_back(name, family_options);
  }
  return Error();
}

Error Store::Lock() {
  if (request_.mode != Mode::kReadWrite) return Error();
  lock_ = std::move(request_.lock);
  if (lock_) return Error();
  lock_ = std::make_shared<DirectoryLock>();
  return lock_->Take(request_.path);
}

Error Store::OpenDb() {
  Error error = Examine();
  if (!error.ok()) return error;
  if (request_.mode == Mode::kSecondary) {
    error = CheckOutside(request_.path, request_.secondary_path);
    if (!error.ok()) return error.WithContext("the directory of the secondary");
  }
  DBOptions options;
  error = PrepareOptions(&options);
  if (!error.ok()) return error;
  if (request_.mode != Mode::kReadWrite) {
    error = OpenReader(options);
    if (!error.ok()) return error;
    recovery_ = logger_->Finish();
    logger_->PassOnWarnings();
    return error;
  }
  Descriptors families;
  error = Describe(options, &families);
  if (!error.ok()) return error;
  if (recovery_.created) options.create_missing_column_families = true;
  Handles handles;
  const std::string& path = request_.path;
  error = Error::From(
      OpenInto(&db_, [&](auto* out) -> decltype(DB::Open(options, path, families, &handles, out)) {
        return DB::Open(options, path, families, &handles, out);
      }));
  if (error.code() == Code::kLocked) return LockedBy(DescribeRocksDBHolder(request_.path));
  if (!error.ok()) return error;
  if (!ours_) db_ = RefuseWideColumns(std::move(db_));
  const bool created = recovery_.created;
  recovery_ = logger_->Finish();
  recovery_.created = created;
  Adopt(handles);
  Mark();
  error = StartReplica();
  if (error.ok()) error = changes_.Start(db_.get(), FamilyRecords());
  if (!error.ok()) return error;
  OpenFiles::Get().Attach(*open_files_, db_.get());
  std::vector<std::string> places;
  if (!request_.in_memory) places = {request_.path, db_->GetDBOptions().wal_dir};
  healer_.Start(db_.get(), std::move(places));
  return Error();
}

void Store::Adopt(const Handles& handles) {
  std::unique_lock<std::shared_mutex> lock(families_mutex_);
  for (ColumnFamilyHandle* handle : handles) Add(handle);
  transactions_.SetSnapshotsMove(db_->GetDBOptions().unordered_write);
}

}  // namespace rocksdb_live
