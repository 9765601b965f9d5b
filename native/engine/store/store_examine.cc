// What a store checks before RocksDB writes anything, and what it records for the next opening.
#include "engine/base/merge_rules.h"
#include "engine/directory/directory.h"
#include "engine/directory/strangers.h"
#include "engine/directory/unreadable.h"
#include "engine/directory/wal_home.h"
#include "engine/store/store.h"

namespace rocksdb_live {

Error Store::Examine() {
  if (request_.in_memory) {
    recovery_.created = true;
    ours_ = true;
    return Error();
  }
  Result<bool> exists = CheckDirectory(request_);
  if (!exists.ok()) return exists.error;
  recovery_.created = !exists.value;
  Error error = Lock();
  if (!error.ok()) return error;
  const FootprintRecord record = ReadFootprint(request_.path);
  const Result<Survey> survey = LookAt(request_.path, true);
  if (!survey.ok()) return survey.error;
  strangers_ = DescribeStrangers(survey.value);
  ours_ = IsOurs(record, survey.value);
  error = CheckNotLevelDb(survey.value);
  if (error.ok()) error = CheckReadable(survey.value, request_);
  if (error.ok()) error = AdoptOperators(survey.value, request_, &adopted_);
  if (error.ok()) error = AdoptExpiry(survey.value, request_, &adopted_expiry_);
  NoteDescribed(survey.value);
  if (error.ok()) error = CheckWalDir(survey.value, request_);
  if (error.ok()) error = CheckFootprint(record, survey.value, WalDirOf(request_));
  if (error.ok() && request_.mode == Mode::kReadWrite) error = TakeWalDir();
  return error;
}

Error Store::TakeWalDir() {
  const std::string wal_dir = WalDirOf(request_);
  if (wal_dir == request_.path) return Error();
  const Result<Directory> made = FindDirectory(wal_dir, true);
  if (!made.ok()) return made.error;
  return wal_lock_.Take(wal_dir).WithContext("the WAL folder " + wal_dir + " (wal_dir)");
}

void Store::Mark() {
  if (request_.mode != Mode::kReadWrite || request_.in_memory) return;
  const std::string wal_dir = WalDirOf(request_);
  std::string identity;
  if (!db_->GetDbIdentity(identity).ok()) return;
  footprint_->Start(request_.path, identity, ours_);
  if (wal_dir == request_.path) return;
  // Without a mark the next opening can check less, but works.
  static_cast<void>(MarkWalDir(wal_dir, request_.path, identity));
}

Error Store::BuildFamily(const std::string& name, const FamilyOptionMaps& maps,
                         const rocksdb::DBOptions& db,
                         rocksdb::ColumnFamilyOptions* options) const {
  if (name == kReplicaFamily) {
    *options = HiddenOptions();
    return Error();
  }
  Error error = builder_.BuildFamily(name, maps, db, options);
  if (!error.ok()) return error;
  const std::string where = "column family \"" + name + "\"";
  const auto adopted = adopted_.find(name);
  if (adopted != adopted_.end()) {
    options->merge_operator = adopted->second;
    error = UseSafeMergeOperator(where, options);
  }
  const auto expires = adopted_expiry_.find(name);
  if (!error.ok() || expires == adopted_expiry_.end()) return error;
  options->compaction_filter_factory = expires->second;
  return CompleteExpiry(where, maps.column_family, options);
}

}  // namespace rocksdb_live
