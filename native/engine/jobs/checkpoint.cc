#include "engine/jobs/checkpoint.h"

#include <filesystem>
#include <memory>

#include "engine/directory/directory.h"
#include "engine/directory/survey.h"
#include "engine/files/file_names.h"
#include "engine/files/log_file.h"
#include "engine/files/small_files.h"
#include "engine/store/modes.h"
#include "rocksdb/utilities/checkpoint.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

// Suffix of the folder beside the target in which the copy is made; RocksDB uses `.tmp`.
constexpr char kUnfinished[] = ".rocksdb-live";

Error IoError(const std::string& what, const std::error_code& code) {
  return Error(Code::kIo, what + ": " + code.message());
}

Error SyncFile(const std::string& path) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const auto files = rocksdb::FileSystem::Default();
  rocksdb::IOStatus status =
      files->ReopenWritableFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (status.ok()) status = file->Fsync(rocksdb::IOOptions(), nullptr);
  if (status.ok()) status = file->Close(rocksdb::IOOptions(), nullptr);
  return Error::From(status);
}

// Writes go on while RocksDB copies the WAL, so the copy may end within a batch, which strict
// recovery would refuse.
Error TrimWal(const std::string& path) {
  const auto wals = WalFilesIn(path);
  if (wals.empty()) return Error();
  const auto& [number, size] = *wals.rbegin();
  const std::string wal = Under(path, NumberedName(number, ".log"));
  std::error_code code;
  const auto links = fs::hard_link_count(fs::u8path(wal), code);
  if (code) return IoError("cannot look at " + wal, code);
  if (links != 1) return Error();  // a link to the database's own file, which is complete
  LogFileReader reader(wal, number);
  std::string record;
  uint64_t damaged = 0;
  while (reader.Next(&record)) damaged = reader.damaged_bytes();
  if (!reader.opened()) return Error(Code::kIo, "cannot read " + wal);
  // Damage before the end is in the original, too, and must be found in the copy as well.
  if (damaged != 0 || reader.whole_bytes() == size) return Error();
  fs::resize_file(fs::u8path(wal), reader.whole_bytes(), code);
  return code ? IoError("cannot shorten " + wal, code) : SyncFile(wal);
}

Error CheckNew(const std::string& path) {
  std::error_code code;
  if (fs::symlink_status(fs::u8path(path), code).type() == fs::file_type::not_found) return Error();
  return Error(Code::kInvalidArgument, "it exists: a checkpoint makes its directory itself");
}

Error Create(rocksdb::DB* db, const std::string& path) {
  rocksdb::Checkpoint* raw = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db, &raw);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  if (status.ok()) status = checkpoint->CreateCheckpoint(path);
  return Error::From(status);
}

Error MakeInto(Store* store, const std::string& path, const std::string& unfinished) {
  Error error = Create(store->db(), unfinished);
  if (error.ok()) error = TrimWal(unfinished);
  if (error.ok()) error = CheckNew(path);
  if (!error.ok()) return error;
  std::error_code code;
  fs::rename(fs::u8path(unfinished), fs::u8path(path), code);
  if (code) return IoError("cannot rename " + unfinished, code);
  const fs::path parent = fs::absolute(fs::u8path(path), code).parent_path();
  return SyncDirectory(parent.u8string());
}

}  // namespace

Error MakeCheckpoint(Store* store, const std::string& path) {
  Error error = CheckMode(store->mode(), "checkpoint");
  if (error.ok() && store->in_memory()) {
    error = Error(Code::kNotSupported, "a database in memory has no files to copy");
  }
  if (error.ok()) error = CheckOutside(store->path(), path);
  if (error.ok()) error = store->health().Refusal();
  if (!error.ok()) return error;
  std::string target = path;
  while (target.size() > 1 && target.back() == '/') target.pop_back();
  error = CheckNew(target);
  if (!error.ok()) return error.WithContext(path);
  const std::string unfinished = target + kUnfinished;
  std::error_code ignored;
  fs::remove_all(fs::u8path(unfinished), ignored);  // left by a killed process
  error = MakeInto(store, target, unfinished);
  if (!error.ok()) fs::remove_all(fs::u8path(unfinished), ignored);
  return error.WithContext(path);
}

}  // namespace rocksdb_live
