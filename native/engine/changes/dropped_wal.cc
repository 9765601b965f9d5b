#include "engine/changes/dropped_wal.h"

#include <vector>

#include "engine/files/file_names.h"
#include "engine/files/log_file.h"
#include "rocksdb/env.h"
#include "rocksdb/transaction_log.h"

namespace rocksdb_live {
namespace {

bool BeginsDamaged(const std::string& path, uint64_t number) {
  LogFileReader file(path, number);
  std::string first;
  static_cast<void>(file.Next(&first));
  return file.damaged_bytes() != 0;
}

void DeleteDamaged(rocksdb::Env* env, const std::string& archive) {
  std::vector<std::string> names;
  if (!env->GetChildren(archive, &names).ok()) return;
  for (const std::string& name : names) {
    const FileName parsed = ParseFileName(name);
    const std::string path = archive + "/" + name;
    if (parsed.kind != FileKind::kWal || !BeginsDamaged(path, parsed.number)) continue;
    env->DeleteFile(path).PermitUncheckedError();
  }
}

}  // namespace

std::string WalDirectory(const rocksdb::DB* db) {
  const std::string directory = db->GetDBOptions().wal_dir;
  return directory.empty() ? db->GetName() : directory;
}

void DeleteDroppedWal(rocksdb::DB* db) {
  rocksdb::Env* const env = db->GetEnv();
  const std::string where = WalDirectory(db);
  rocksdb::VectorWalPtr files;
  if (!db->GetSortedWalFiles(files).ok()) {
    DeleteDamaged(env, where + "/archive");
    files.clear();
    if (!db->GetSortedWalFiles(files).ok()) return;
  }
  const uint64_t latest = db->GetLatestSequenceNumber();
  for (const auto& file : files) {
    if (file->Type() != rocksdb::kArchivedLogFile || file->StartSequence() <= latest) continue;
    env->DeleteFile(where + file->PathName()).PermitUncheckedError();
  }
}

}  // namespace rocksdb_live
