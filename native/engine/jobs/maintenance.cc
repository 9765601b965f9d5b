#include "engine/jobs/maintenance.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "engine/changes/history.h"
#include "engine/directory/footprint.h"
#include "engine/directory/unreadable.h"
#include "engine/directory/wal_home.h"
#include "engine/files/directory_lock.h"
#include "engine/files/small_files.h"
#include "engine/files/sound_logs.h"
#include "engine/repair/repair.h"
#include "engine/store/modes.h"
#include "engine/store/registry.h"
#include "rocksdb/convenience.h"

namespace rocksdb_live {
namespace {

// How the commands show its keys and values: lib/formats/remembered.ts.
constexpr char kFormatsFile[] = "rocksdb-live.json";

namespace fs = std::filesystem;

Error CheckThere(const std::string& path) {
  const Result<Directory> directory = FindDirectory(path, false);
  if (!directory.ok()) return directory.error;
  OpenRequest request;
  request.path = directory.value.path;
  request.create_if_missing = false;
  Error error = CheckDirectory(request).error;
  if (!error.ok()) return error;
  const Result<Survey> survey = LookAt(request.path, true);
  return survey.ok() ? CheckNotLevelDb(survey.value) : survey.error;
}

// Made before the first file is deleted, with the WAL's folder as its text, and removed after the
// last one.
constexpr char kDestroying[] = "rocksdb-live.destroying";

// Whether a destruction was ended before its end: by then nothing else tells whose files these are.
bool IsHalfDestroyed(const std::string& path, std::string* wal_dir) {
  std::string current;
  if (ReadWhole(Under(path, "CURRENT"), &current)) return false;
  return ReadWhole(Under(path, kDestroying), wal_dir) && !wal_dir->empty();
}

// DestroyDB says nothing of directories that it could not read.
Error CheckNoneLeft(const std::string& path) {
  const Result<Survey> survey = LookAt(path, false);
  if (!survey.ok()) return survey.error;
  std::string example;
  const size_t left = survey.value.CountDatabaseFiles(&example);
  if (left == 0) return Error();
  return Error(Code::kIo, std::to_string(left) + " files of the database are left in " + path +
                              " (" + example + "): destroy it again");
}

Error DestroyFiles(const std::string& path, const std::string& wal_dir) {
  // With their names, DestroyDB also deletes files in the families' own directories.
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const Result<std::vector<std::string>> names = ListColumnFamilies(path);
  if (names.ok()) {
    for (const std::string& name : names.value) families.emplace_back(name, rocksdb::Options());
  }
  Error error = WriteAtomically(Under(path, kDestroying), wal_dir, true);
  if (!error.ok()) return error;
  // The first to go: what is left without it cannot be opened as a database that lacks rows.
  std::error_code ignored;
  fs::remove(fs::u8path(Under(path, "CURRENT")), ignored);
  rocksdb::Options options;
  if (wal_dir != path) {
    options.wal_dir = wal_dir;
    UnmarkWalDir(wal_dir);
  }
  RemoveFootprint(path);
  RemoveHistory(path);
  RemoveRepairFolders(path);
  fs::remove(fs::u8path(Under(path, kFormatsFile)), ignored);
  error = Error::From(rocksdb::DestroyDB(path, options, families));
  if (error.ok()) error = CheckNoneLeft(path);
  if (error.ok() && wal_dir != path && !WalFilesIn(wal_dir).empty()) {
    error = Error(Code::kIo, "files of the WAL are left in " + wal_dir + ": destroy it again");
  }
  if (!error.ok()) return error;
  fs::remove(fs::u8path(Under(path, kDestroying)), ignored);
  // Not where others have files in it.
  fs::remove(fs::u8path(path), ignored);
  return Error();
}

}  // namespace

Error Flush(Store* store, const std::vector<std::shared_ptr<Family>>& families) {
  Error allowed = CheckMode(store->mode(), "flush");
  if (allowed.ok()) allowed = store->health().Refusal();
  if (!allowed.ok()) return allowed;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  handles.reserve(families.size());
  for (const auto& family : families) handles.push_back(family->handle());
  // The place is written with every row, and would keep the WAL of all of them.
  const std::shared_ptr<Family> hidden =
      store->replica() != nullptr ? store->FindNamed(kReplicaFamily) : nullptr;
  if (hidden) handles.push_back(hidden->handle());
  return Error::From(store->db()->Flush(rocksdb::FlushOptions(), handles));
}

Error FlushWal(Store* store, bool sync) {
  Error allowed = CheckMode(store->mode(), "flushWAL");
  if (allowed.ok()) allowed = store->health().Refusal();
  // RocksDB fails to sync files in memory beside a write, and there is nothing to sync.
  const bool synced = sync && !store->in_memory();
  // What is committed while it syncs may have come too late.
  const uint64_t end = store->changes().ring().end();
  if (allowed.ok()) allowed = Error::From(store->db()->FlushWAL(synced));
  if (allowed.ok() && sync) store->changes().ring().Synced(end);
  return allowed;
}

Error CompactRange(Store* store, const Family& family, const Range& range, bool bottommost,
                   std::atomic<bool>* canceled) {
  Error allowed = CheckMode(store->mode(), "compactRange");
  if (allowed.ok()) allowed = store->health().Refusal();
  if (!allowed.ok()) return allowed;
  rocksdb::CompactRangeOptions options;
  options.canceled = canceled;
  if (bottommost) {
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  }
  const rocksdb::Slice lower = range.lower ? rocksdb::Slice(*range.lower) : rocksdb::Slice();
  const rocksdb::Slice upper = range.upper ? rocksdb::Slice(*range.upper) : rocksdb::Slice();
  return Error::From(store->db()->CompactRange(
      options, family.handle(), range.lower ? &lower : nullptr, range.upper ? &upper : nullptr));
}

Result<std::vector<std::string>> ListColumnFamilies(const std::string& path) {
  Error error = CheckThere(path);
  if (!error.ok()) return error;
  std::vector<std::string> names;
  rocksdb::DBOptions options;
  options.env = SoundEnv();
  error = Error::From(rocksdb::DB::ListColumnFamilies(options, path, &names));
  if (!error.ok()) return error;
  return names;
}

Error DestroyDatabase(const std::string& path) {
  return Registry::Get().WhileClosed(path, [](const std::string& canonical) {
    std::string wal_dir;
    if (!IsHalfDestroyed(canonical, &wal_dir)) {
      Error error = CheckThere(canonical);
      if (!error.ok()) return error;
      wal_dir = WalDirOf(canonical);
    }
    DirectoryLock wal_lock;
    if (wal_dir != canonical) {
      Error error = wal_lock.Take(wal_dir);
      if (!error.ok()) return error.WithContext("the WAL folder " + wal_dir);
    }
    return DestroyFiles(canonical, wal_dir);
  });
}

}  // namespace rocksdb_live
