#include "engine/jobs/file_capture.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "engine/files/small_files.h"
#include "engine/jobs/maintenance.h"
#include "engine/store/modes.h"
#include "rocksdb/table_properties.h"

namespace rocksdb_live {
namespace {

using Clock = std::chrono::steady_clock;
using Identities = std::map<std::string, std::string>;

std::string NameOf(const std::string& path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

CapturedFile::Kind KindOf(const std::string& name) {
  if (NumberOf(name, ".sst") || NumberOf(name, ".ldb")) return CapturedFile::Kind::kTable;
  if (NumberOf(name, ".blob")) return CapturedFile::Kind::kBlob;
  return NumberOf(name, ".log") ? CapturedFile::Kind::kWal : CapturedFile::Kind::kOther;
}

// By name. A table's number alone says nothing: another directory has the same.
Error FindIdentities(rocksdb::DB* db, const std::vector<std::shared_ptr<Family>>& families,
                     Identities* identities) {
  for (const auto& family : families) {
    rocksdb::TablePropertiesCollection all;
    const rocksdb::Status status = db->GetPropertiesOfAllTables(family->handle(), &all);
    if (!status.ok()) return Error::From(status);
    for (const auto& [path, properties] : all) {
      if (properties->db_session_id.empty() || properties->orig_file_number == 0) continue;
      (*identities)[NameOf(path)] =
          properties->db_session_id + "-" + std::to_string(properties->orig_file_number);
    }
  }
  return Error();
}

void Identify(const Identities& identities, FileCapture* capture) {
  for (CapturedFile& file : capture->files) {
    const auto found = identities.find(file.name);
    if (found != identities.end()) file.identity = found->second;
  }
}

Error ListLive(rocksdb::DB* db, FileCapture* capture) {
  rocksdb::LiveFilesStorageInfoOptions options;
  // Flushed before, without anybody waiting.
  options.wal_size_for_flush = std::numeric_limits<uint64_t>::max();
  std::vector<rocksdb::LiveFileStorageInfo> live;
  const rocksdb::Status status = db->GetLiveFilesStorageInfo(options, &live);
  if (!status.ok()) return Error::From(status);
  for (rocksdb::LiveFileStorageInfo& each : live) {
    CapturedFile file;
    file.name = NameOf(each.relative_filename);
    file.kind = KindOf(file.name);
    file.size = each.size;
    file.path = Under(each.directory, file.name);
    if (!each.replacement_contents.empty()) {
      file.held.content = std::make_shared<const std::string>(std::move(each.replacement_contents));
    }
    capture->files.push_back(std::move(file));
  }
  return Error();
}

Result<std::shared_ptr<FileCapture>> FromWriter(Store* store) {
  rocksdb::DB* const db = store->db();
  // Only what was written without the WAL needs it; the rest is faster restored for it.
  Error error = Flush(store, store->AllFamilies());
  if (!error.ok() && store->unlogged()) return error;
  auto capture = std::make_shared<FileCapture>();
  error = Error::From(db->DisableFileDeletions());
  if (!error.ok()) return error;
  capture->undeleted = db;
  // RocksDB's MANIFEST has a family before our history does: no copy may be made in between.
  std::unique_lock<std::mutex> families = store->HoldFamilies();
  Result<Moment> moment = store->changes().AtRest([&] {
    const auto closed = Clock::now();
    Error listed = ListLive(db, capture.get());
    capture->locked_ms = std::chrono::duration<double, std::milli>(Clock::now() - closed).count();
    return listed;
  });
  families.unlock();
  if (!moment.ok()) return moment.error;
  capture->moment = std::move(moment.value);
  Identities identities;
  error = FindIdentities(db, store->AllFamilies(), &identities);
  if (!error.ok()) return error;
  Identify(identities, capture.get());
  return capture;
}

// The newest of the files that say which options were in force. A copy is whole without it.
void AddOptions(const std::string& directory, FileCapture* capture) {
  std::vector<std::string> names;
  const auto files = rocksdb::FileSystem::Default();
  if (!files->GetChildren(directory, rocksdb::IOOptions(), &names, nullptr).ok()) return;
  constexpr char kPrefix[] = "OPTIONS-";
  std::string newest;
  for (const std::string& name : names) {
    const bool options = name.rfind(kPrefix, 0) == 0 && name.find('.') == std::string::npos;
    if (options &&
        (name.size() > newest.size() || (name.size() == newest.size() && name > newest))) {
      newest = name;
    }
  }
  std::string text;
  if (newest.empty() || !ReadWhole(Under(directory, newest), &text)) return;
  CapturedFile file;
  file.name = newest;
  file.size = text.size();
  file.held.content = std::make_shared<const std::string>(std::move(text));
  capture->files.push_back(std::move(file));
}

Result<std::shared_ptr<FileCapture>> FromReader(Store* store) {
  Result<HeldState> state = store->HoldState();
  if (!state.ok()) return state.error;
  const std::shared_ptr<const ReaderView> view = state.value.view;
  auto capture = std::make_shared<FileCapture>();
  capture->view = view;
  for (auto& [path, held] : state.value.files) {
    CapturedFile file;
    file.name = NameOf(path);
    file.kind = KindOf(file.name);
    file.size = held.size;
    file.path = path;
    const bool table =
        file.kind == CapturedFile::Kind::kTable || file.kind == CapturedFile::Kind::kBlob;
    if (table && state.value.tables.count(file.name) == 0) continue;
    file.held = std::move(held);
    capture->files.push_back(std::move(file));
  }
  AddOptions(store->path(), capture.get());
  std::vector<std::shared_ptr<Family>> families;
  for (const auto& family : view->families) {
    if (family) families.push_back(family);
  }
  Identities identities;
  Error error = FindIdentities(view->db(), families, &identities);
  if (!error.ok()) return error;
  Identify(identities, capture.get());
  capture->moment = ReadMoment(store->path(), view->db()->GetLatestSequenceNumber());
  return capture;
}

}  // namespace

FileCapture::~FileCapture() {
  open_.clear();
  if (undeleted != nullptr) undeleted->EnableFileDeletions().PermitUncheckedError();
}

Result<FileCapture::File> FileCapture::Open(size_t index) {
  const CapturedFile& file = files[index];
  if (file.held.file) return File(file.held.file);
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = open_.find(index);
  if (found != open_.end()) return File(found->second);
  std::unique_ptr<rocksdb::FSRandomAccessFile> opened;
  const rocksdb::IOStatus status = rocksdb::FileSystem::Default()->NewRandomAccessFile(
      file.path, rocksdb::FileOptions(), &opened, nullptr);
  if (!status.ok()) return Error::From(status);
  return File(open_[index] = std::move(opened));
}

Result<std::string> FileCapture::Read(size_t index, uint64_t offset, size_t length) {
  if (index >= files.size()) return Error(Code::kInvalidArgument, "there is no such file");
  const CapturedFile& file = files[index];
  if (offset >= file.size) return std::string();
  const auto wanted = static_cast<size_t>(std::min<uint64_t>(length, file.size - offset));
  if (file.held.content) return file.held.content->substr(offset, wanted);
  const Result<File> opened = Open(index);
  if (!opened.ok()) return opened.error;
  std::string bytes(wanted, '\0');
  rocksdb::Slice read;
  const rocksdb::IOStatus status =
      opened.value->Read(offset, wanted, rocksdb::IOOptions(), &read, bytes.data(), nullptr);
  if (!status.ok()) return Error::From(status);
  if (read.size() != wanted) {
    return Error(Code::kCorruption, file.path + " ends at " + std::to_string(offset + read.size()) +
                                        " bytes, of " + std::to_string(file.size));
  }
  if (read.data() != bytes.data()) bytes.assign(read.data(), read.size());
  if (offset + wanted == file.size) {
    std::lock_guard<std::mutex> lock(mutex_);
    open_.erase(index);
  }
  return bytes;
}

Result<std::shared_ptr<FileCapture>> CaptureFiles(Store* store) {
  Error error = CheckMode(store->mode(), "openCapture");
  if (!error.ok()) return error;
  if (store->in_memory()) {
    return Error(Code::kNotSupported, "a database in memory has no files to back up");
  }
  Result<std::shared_ptr<FileCapture>> captured =
      store->db() != nullptr ? FromWriter(store) : FromReader(store);
  if (!captured.ok()) return captured;
  rocksdb::DB* const db = store->db() != nullptr ? store->db() : captured.value->view->db();
  error = Error::From(db->GetDbIdentity(captured.value->database));
  return error.ok() ? std::move(captured) : Result<std::shared_ptr<FileCapture>>(error);
}

Result<std::string> IdentityOf(const Session& session) {
  std::string identity;
  const Error error = Error::From(session.db()->GetDbIdentity(identity));
  return error.ok() ? Result<std::string>(std::move(identity)) : Result<std::string>(error);
}

}  // namespace rocksdb_live
