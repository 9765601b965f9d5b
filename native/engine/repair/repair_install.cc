#include "engine/repair/repair_install.h"

#include <filesystem>
#include <sstream>

#include "engine/files/file_names.h"
#include "engine/files/small_files.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

constexpr char kBackup[] = "rocksdb-live.before-repair-";

// What is brought, while it is: where the process is killed, the next repair takes it away again.
constexpr char kInstalling[] = "rocksdb-live.installing";

// Tells a file from another one of its name, also after it was moved; empty if there is none.
std::string MarkOfFile(const std::string& path) {
  std::error_code code;
  const auto size = fs::file_size(fs::u8path(path), code);
  if (code) return "";
  const auto time = fs::last_write_time(fs::u8path(path), code);
  if (code) return "";
  return std::to_string(size) + " " + std::to_string(time.time_since_epoch().count());
}

Error IoError(const std::string& what, const std::error_code& code) {
  const bool full = code == std::errc::no_space_on_device;
  return Error(full ? Code::kNoSpace : Code::kIo, what + ": " + code.message());
}

// Links a file; copies it if the file system has no links.
Error LinkOrCopy(const std::string& from, const std::string& to) {
  std::error_code code;
  fs::create_hard_link(fs::u8path(from), fs::u8path(to), code);
  if (code) fs::copy_file(fs::u8path(from), fs::u8path(to), code);
  return code ? IoError("cannot keep a copy of " + from, code) : Error();
}

Error Move(const std::string& from, const std::string& to) {
  std::error_code code;
  fs::rename(fs::u8path(from), fs::u8path(to), code);
  if (!code) return Error();
  code.clear();  // another disk
  fs::copy_file(fs::u8path(from), fs::u8path(to), fs::copy_options::overwrite_existing, code);
  return code ? IoError("cannot move " + from + " to " + to, code) : Error();
}

class Installation {
 public:
  Installation(const RepairPlan& plan, const Rebuilt& rebuilt) : plan_(plan), rebuilt_(rebuilt) {}

  Error KeepOld(const std::string& folder);
  Error MoveNew();
  // Removes what MoveNew and KeepOld created.
  void Undo(const std::string& backup);
  void RemoveOld();
  void Describe(RepairReport* report) const;

 private:
  std::string Here(const std::string& name) const { return Under(plan_.path, name); }
  Error Bring(const std::string& name, const std::string& to);
  // Where a file of the rebuilt database belongs; empty if nowhere.
  std::string PlaceOf(const std::string& name) const;
  Error Announce(const std::vector<std::string>& names) const;
  bool IsLostBlob(uint64_t number) const {
    const auto found = plan_.blobs.find(number);
    return found != plan_.blobs.end() && found->second.there && rebuilt_.blobs.count(number) == 0 &&
           !found->second.whole;
  }

  const RepairPlan& plan_;
  const Rebuilt& rebuilt_;
  std::vector<std::string> brought_;
  bool made_backup_ = false;
};

Error Installation::KeepOld(const std::string& folder) {
  std::error_code code;
  fs::create_directory(fs::u8path(folder), fs::u8path(plan_.path), code);
  if (code) return IoError("cannot make " + folder, code);
  made_backup_ = true;
  std::vector<std::string> names;
  if (plan_.survey.has_current) names.push_back("CURRENT");
  for (const uint64_t number : plan_.survey.manifests) names.push_back(ManifestName(number));
  for (const uint64_t number : plan_.survey.options_files) {
    names.push_back("OPTIONS-" + NumberedName(number, ""));
  }
  for (const LostTable& table : plan_.lost) {
    if (table.there) names.push_back(NumberedName(table.number, ".sst"));
  }
  for (const auto& [number, facts] : plan_.blobs) {
    if (IsLostBlob(number)) names.push_back(NumberedName(number, ".blob"));
  }
  for (const std::string& name : names) {
    Error error = LinkOrCopy(Here(name), Under(folder, name));
    if (!error.ok()) return error;
  }
  for (const uint64_t number : plan_.wal.numbers) {
    const std::string name = NumberedName(number, ".log");
    Error error = LinkOrCopy(Under(plan_.wal_dir, name), Under(folder, name));
    if (!error.ok()) return error;
  }
  return SyncDirectory(folder);
}

Error Installation::Bring(const std::string& name, const std::string& to) {
  Error error = Move(Under(rebuilt_.folder, name), to);
  if (error.ok()) brought_.push_back(to);
  return error;
}

std::string Installation::PlaceOf(const std::string& name) const {
  const FileName parsed = ParseFileName(name);
  const bool table = parsed.kind == FileKind::kTable && rebuilt_.tables.count(parsed.number) != 0;
  const bool blob = parsed.kind == FileKind::kBlob && rebuilt_.blobs.count(parsed.number) != 0;
  if (table || blob) return Here(name);
  return parsed.kind == FileKind::kWal ? Under(plan_.wal_dir, name) : "";
}

Error Installation::Announce(const std::vector<std::string>& names) const {
  std::string text;
  for (const std::string& name : names) {
    const std::string to = name == rebuilt_.manifest ? Here(name) : PlaceOf(name);
    const std::string mark = MarkOfFile(Under(rebuilt_.folder, name));
    if (!to.empty() && !mark.empty()) text += mark + " " + to + "\n";
  }
  return WriteAtomically(Here(kInstalling), rebuilt_.manifest + "\n" + text, true);
}

Error Installation::MoveNew() {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator file(fs::u8path(rebuilt_.folder), code);
       !code && file != fs::directory_iterator(); file.increment(code)) {
    names.push_back(file->path().filename().u8string());
  }
  if (code) return IoError("cannot read " + rebuilt_.folder, code);
  Error error = Announce(names);
  for (const std::string& name : names) {
    const std::string to = PlaceOf(name);
    if (error.ok() && !to.empty()) error = Bring(name, to);
  }
  if (error.ok() && !plan_.survey.has_identity) error = Bring("IDENTITY", Here("IDENTITY"));
  if (error.ok() && plan_.wal_dir != plan_.path) error = SyncDirectory(plan_.wal_dir);
  if (error.ok()) error = Bring(rebuilt_.manifest, Here(rebuilt_.manifest));
  if (error.ok()) error = SyncDirectory(plan_.path);
  return error;
}

void Installation::Undo(const std::string& backup) {
  std::error_code ignored;
  for (const std::string& path : brought_) fs::remove(fs::u8path(path), ignored);
  fs::remove(fs::u8path(Here(kInstalling)), ignored);
  if (made_backup_) fs::remove_all(fs::u8path(backup), ignored);
}

void Installation::RemoveOld() {
  std::error_code ignored;
  const auto remove = [&](const std::string& path) { fs::remove(fs::u8path(path), ignored); };
  for (const uint64_t number : plan_.survey.tables) {
    if (rebuilt_.tables.count(number) == 0) remove(Here(NumberedName(number, ".sst")));
  }
  for (const uint64_t number : plan_.survey.blobs) {
    if (rebuilt_.blobs.count(number) == 0) remove(Here(NumberedName(number, ".blob")));
  }
  for (const uint64_t number : plan_.survey.manifests) remove(Here(ManifestName(number)));
  for (const uint64_t number : plan_.wal.numbers) {
    remove(Under(plan_.wal_dir, NumberedName(number, ".log")));
  }
}

void Installation::Describe(RepairReport* report) const {
  for (const uint64_t number : plan_.survey.tables) {
    if (rebuilt_.tables.count(number) == 0) continue;
    report->kept_files.push_back(NumberedName(number, ".sst"));
  }
  for (const uint64_t number : plan_.survey.blobs) {
    const std::string name = NumberedName(number, ".blob");
    if (rebuilt_.blobs.count(number) != 0) report->kept_files.push_back(name);
  }
  for (const LostTable& table : plan_.lost) {
    report->lost_files.push_back(NumberedName(table.number, ".sst"));
  }
  for (const auto& [number, facts] : plan_.blobs) {
    if (facts.whole || rebuilt_.blobs.count(number) != 0) continue;
    report->lost_files.push_back(NumberedName(number, ".blob"));
  }
}

// A name that is free: killed repairs leave folders behind.
std::string BackupFolder(const std::string& path, const std::string& number) {
  std::string folder = Under(path, kBackup + number);
  std::error_code ignored;
  for (int n = 2; fs::exists(fs::u8path(folder), ignored); ++n) {
    folder = Under(path, kBackup + number + "-" + std::to_string(n));
  }
  return folder;
}

}  // namespace

Error Install(const RepairPlan& plan, const Rebuilt& rebuilt, RepairReport* report) {
  const std::string number = rebuilt.manifest.substr(rebuilt.manifest.find('-') + 1);
  const std::string backup = BackupFolder(plan.path, number);
  Installation installation(plan, rebuilt);
  Error error = installation.KeepOld(backup);
  if (error.ok()) error = installation.MoveNew();
  if (error.ok()) {
    error = WriteAtomically(Under(plan.path, "CURRENT"), rebuilt.manifest + "\n", true);
  }
  if (!error.ok()) {
    installation.Undo(backup);
    return error;
  }
  installation.Describe(report);
  report->backup = backup;
  installation.RemoveOld();
  std::error_code ignored;
  fs::remove(fs::u8path(Under(plan.path, kInstalling)), ignored);
  return Error();
}

void UndoKilled(const std::string& path) {
  std::string text;
  const std::string list = Under(path, kInstalling);
  if (!ReadWhole(list, &text)) return;
  std::istringstream lines(text);
  std::string manifest;
  std::getline(lines, manifest);
  std::string current;
  const bool installed = ReadWhole(Under(path, "CURRENT"), &current) && current == manifest + "\n";
  std::error_code ignored;
  std::string size;
  std::string time;
  std::string file;
  while (!installed && lines >> size >> time && lines.get() == ' ' && std::getline(lines, file)) {
    if (MarkOfFile(file) == size + " " + time) fs::remove(fs::u8path(file), ignored);
  }
  fs::remove(fs::u8path(list), ignored);
}

void RemoveRepairFolders(const std::string& path) {
  std::error_code code;
  std::vector<fs::path> folders;
  for (fs::directory_iterator file(fs::u8path(path), code);
       !code && file != fs::directory_iterator(); file.increment(code)) {
    const std::string name = file->path().filename().u8string();
    if (name == kTrialFolder || name.rfind(kBackup, 0) == 0) folders.push_back(file->path());
  }
  for (const fs::path& folder : folders) fs::remove_all(folder, code);
}

}  // namespace rocksdb_live
