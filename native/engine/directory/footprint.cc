#include "engine/directory/footprint.h"

#include <filesystem>
#include <sstream>

#include "engine/files/file_names.h"
#include "engine/files/small_files.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

constexpr char kName[] = "rocksdb-live.record";
constexpr size_t kLength = 256;
constexpr char kFirstLine[] = "rocksdb-live record 1";

// FNV-1a: invalidates a half-written record.
uint64_t Checksum(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::string Encode(const FootprintRecord& record) {
  std::ostringstream out;
  out << kFirstLine << "\nidentity " << record.identity << "\nours " << record.ours << "\nmanifest "
      << record.manifest << ' ' << record.manifest_bytes << "\nwal " << record.wal << ' '
      << record.wal_bytes << '\n';
  const std::string body = out.str();
  std::string text = body + "checksum " + std::to_string(Checksum(body)) + "\n";
  // Has a fixed length, so that it can be overwritten in place: a record half-written in a crash
  // fails its checksum and is ignored.
  if (text.size() < kLength) text.resize(kLength, '\n');
  return text;
}

bool Decode(const std::string& text, FootprintRecord* record) {
  const size_t end = text.find("checksum ");
  if (end == text.npos || text.rfind(kFirstLine, 0) != 0) return false;
  std::istringstream in(text.substr(sizeof(kFirstLine)));
  std::string word;
  uint64_t checksum = 0;
  in >> word >> record->identity >> word >> record->ours >> word >> record->manifest >>
      record->manifest_bytes >> word >> record->wal >> record->wal_bytes >> word >> checksum;
  return !in.fail() && checksum == Checksum(text.substr(0, end));
}

Error Missing(const Survey& survey, const std::string& what) {
  return Error(Code::kCorruption,
               what + ". Rows are missing: restore a copy of " + survey.path +
                   ". Where this is an older state that was put there on purpose, remove " + kName +
                   " from it");
}

// Whether the record belongs to the database that is there, and to its MANIFEST.
bool IsAbout(const FootprintRecord& record, const Survey& survey) {
  return !record.identity.empty() && record.identity == survey.Identity() &&
         record.manifest == survey.manifest.number;
}

Error CheckWal(const FootprintRecord& record, const Survey& survey, const std::string& wal_dir) {
  const std::string path = Under(wal_dir, NumberedName(record.wal, ".log"));
  std::error_code code;
  const uint64_t size = fs::file_size(fs::u8path(path), code);
  if (!code && size >= record.wal_bytes) return Error();
  if (!IsUnchanged(survey)) return Error();
  if (code)
    return Missing(survey, "the newest WAL, " + path + ", is gone (" + code.message() + ")");
  return Missing(survey, "the newest WAL, " + path + ", was cut: it had " +
                             std::to_string(record.wal_bytes) + " bytes, and has " +
                             std::to_string(size));
}

}  // namespace

FootprintRecord ReadFootprint(const std::string& path) {
  FootprintRecord record;
  std::string text;
  if (ReadWhole(Under(path, kName), &text) && Decode(text, &record)) return record;
  return FootprintRecord();
}

void RemoveFootprint(const std::string& path) {
  std::error_code ignored;
  fs::remove(fs::u8path(Under(path, kName)), ignored);
}

bool IsOurs(const FootprintRecord& record, const Survey& survey) {
  return !survey.has_current || (record.ours && IsAbout(record, survey));
}

Error CheckFootprint(const FootprintRecord& record, const Survey& survey,
                     const std::string& wal_dir) {
  const Manifest& manifest = survey.manifest;
  if (!IsAbout(record, survey)) return Error();
  if (manifest.size < record.manifest_bytes) {
    return Missing(survey, ManifestName(manifest.number) + " was cut: it had " +
                               std::to_string(record.manifest_bytes) + " bytes, and has " +
                               std::to_string(manifest.size) +
                               ", so that it knows less than the files beside it");
  }
  // RocksDB takes zeros for space that nothing was written to, and passes over what stands behind.
  if (manifest.whole && manifest.end < record.manifest_bytes) {
    return Missing(survey, ManifestName(manifest.number) + " has no record at byte " +
                               std::to_string(manifest.end) + " of the " +
                               std::to_string(record.manifest_bytes) + " that were synced");
  }
  // A longer MANIFEST may have released that WAL.
  if (record.wal == 0 || manifest.size != record.manifest_bytes) return Error();
  return CheckWal(record, survey, wal_dir);
}

void Footprint::OnManifestSynced(uint64_t number, uint64_t bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  record_.manifest = number;
  record_.manifest_bytes = bytes;
  Write();
}

std::shared_ptr<WalProgress> Footprint::OnNewWal(uint64_t number) {
  auto progress = std::make_shared<WalProgress>();
  std::lock_guard<std::mutex> lock(mutex_);
  if (number > wal_) {
    wal_ = number;
    progress_ = progress;
  }
  return progress;
}

void Footprint::Start(const std::string& path, const std::string& identity, bool ours) {
  std::lock_guard<std::mutex> lock(mutex_);
  path_ = path;
  record_.identity = identity;
  record_.ours = ours;
  Write();
}

void Footprint::Finish(const std::string& wal_dir) {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t synced = progress_ == nullptr ? 0 : progress_->synced.load();
  const bool written = progress_ != nullptr && progress_->written != 0;
  if (synced != 0 || (written && wal_dir == path_)) {
    record_.wal = wal_;
    record_.wal_bytes = synced;
  }
  Write();
}

// Ignored: without a record, or with an older one, the next opening only notices less.
void Footprint::Write() {
  if (path_.empty() || record_.manifest == 0) return;
  static_cast<void>(Overwrite(Under(path_, kName), Encode(record_)));
}

}  // namespace rocksdb_live
