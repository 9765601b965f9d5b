#include "engine/directory/survey.h"

#include <filesystem>
#include <system_error>

#include "engine/files/file_names.h"
#include "engine/files/small_files.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

void Sort(const fs::directory_entry& entry, Survey* survey) {
  const std::string name = entry.path().filename().u8string();
  const FileName parsed = ParseFileName(name);
  std::error_code ignored;
  switch (parsed.kind) {
    case FileKind::kCurrent:
      survey->has_current = true;
      break;
    case FileKind::kIdentity:
      survey->has_identity = true;
      break;
    case FileKind::kManifest:
      survey->manifests.insert(parsed.number);
      break;
    case FileKind::kOptions:
      survey->options_files.insert(parsed.number);
      break;
    case FileKind::kWal:
      survey->wals.insert(parsed.number);
      break;
    case FileKind::kTable:
      survey->tables.insert(parsed.number);
      break;
    case FileKind::kLevelDbTable:
      survey->leveldb_tables.insert(parsed.number);
      break;
    case FileKind::kBlob:
      survey->blobs.insert(parsed.number);
      break;
    case FileKind::kStranger:
      if (entry.is_regular_file(ignored)) survey->strangers.push_back(name);
      break;
    default:
      break;
  }
}

void ReadContents(Survey* survey) {
  const auto in = [&](const std::string& name) { return Under(survey->path, name); };
  if (survey->has_current) ReadWhole(in("CURRENT"), &survey->current);
  if (survey->has_identity) {
    ReadWhole(in("IDENTITY"), &survey->identity);
    const size_t end = survey->identity.find_last_not_of(" \r\n");
    survey->identity.resize(end == std::string::npos ? 0 : end + 1);
  }
  std::string text;
  if (!survey->options_files.empty()) {
    const std::string name = "OPTIONS-" + NumberedName(*survey->options_files.rbegin(), "");
    if (ReadWhole(in(name), &text)) survey->options = ParseOptionsFile(name, text);
  }
  const uint64_t current = survey->CurrentManifest();
  if (current != 0 && ReadWhole(in(ManifestName(current)), &text)) {
    survey->manifest = ParseManifest(current, text);
  }
}

}  // namespace

const std::string& Survey::Identity() const {
  return identity.empty() ? manifest.database_id : identity;
}

uint64_t Survey::CurrentManifest() const {
  if (current.empty() || current.back() != '\n') return 0;
  const FileName parsed = ParseFileName(current.substr(0, current.size() - 1));
  return parsed.kind == FileKind::kManifest ? parsed.number : 0;
}

size_t Survey::CountDatabaseFiles(std::string* example) const {
  if (!manifests.empty()) *example = ManifestName(*manifests.rbegin());
  if (!wals.empty()) *example = NumberedName(*wals.rbegin(), ".log");
  if (!blobs.empty()) *example = NumberedName(*blobs.rbegin(), ".blob");
  if (!leveldb_tables.empty()) *example = NumberedName(*leveldb_tables.rbegin(), ".ldb");
  if (!tables.empty()) *example = NumberedName(*tables.rbegin(), ".sst");
  return manifests.size() + wals.size() + tables.size() + leveldb_tables.size() + blobs.size();
}

Result<Survey> LookAt(const std::string& path, bool contents) {
  Survey survey;
  survey.path = path;
  std::error_code code;
  fs::directory_iterator files(fs::u8path(path), code);
  for (; !code && files != fs::directory_iterator(); files.increment(code)) Sort(*files, &survey);
  if (code) {
    return Error(Code::kIo, "cannot read the directory " + path + ": " + code.message());
  }
  if (contents) ReadContents(&survey);
  return survey;
}

bool IsUnchanged(const Survey& survey) {
  std::string current;
  std::string none;
  uint64_t size = 0;
  const std::string name = ManifestName(survey.manifest.number);
  return ReadWhole(Under(survey.path, "CURRENT"), &current) && current == survey.current &&
         ReadTail(Under(survey.path, name), 0, &none, &size) && size == survey.manifest.size;
}

std::map<uint64_t, uint64_t> WalFilesIn(const std::string& path) {
  std::map<uint64_t, uint64_t> wals;
  std::error_code code;
  fs::directory_iterator files(fs::u8path(path), code);
  for (; !code && files != fs::directory_iterator(); files.increment(code)) {
    const FileName parsed = ParseFileName(files->path().filename().u8string());
    std::error_code ignored;
    if (parsed.kind != FileKind::kWal) continue;
    const uint64_t size = files->file_size(ignored);
    wals[parsed.number] = ignored ? 0 : size;
  }
  return wals;
}

}  // namespace rocksdb_live
