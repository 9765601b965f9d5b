#include "engine/directory/wal_home.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "engine/files/small_files.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

constexpr char kMark[] = "rocksdb-live.wal";

std::string Absolute(const std::string& path) {
  std::error_code code;
  fs::path absolute = fs::absolute(fs::u8path(path), code).lexically_normal();
  if (code) return path;
  if (!absolute.has_filename()) absolute = absolute.parent_path();  // "wal/" is "wal"
  return absolute.u8string();
}

bool IsSameDirectory(const std::string& a, const std::string& b) {
  std::error_code code;
  const bool same = fs::equivalent(fs::u8path(a), fs::u8path(b), code);
  return code ? Absolute(a) == Absolute(b) : same;
}

bool IsDatabase(const std::string& path) {
  std::error_code ignored;
  return fs::exists(fs::u8path(Under(path, "CURRENT")), ignored);
}

struct Mark {
  bool found = false;
  std::string identity;
  std::string path;
};

Mark ReadMark(const std::string& wal_dir) {
  Mark mark;
  std::string text;
  if (!ReadWhole(Under(wal_dir, kMark), &text)) return mark;
  const size_t first = text.find('\n');
  const size_t second = text.find('\n', first + 1);
  if (first == text.npos || second == text.npos) return mark;
  mark.found = true;
  mark.identity = text.substr(0, first);
  mark.path = text.substr(first + 1, second - first - 1);
  return mark;
}

enum class Owner { kUnknown, kThis, kOther };

// Who owns the WAL folder. A copy of a database has the identity of its original: the original owns
// the folder as long as it exists.
Owner OwnerOf(const std::string& wal_dir, const Survey& survey, Mark* mark) {
  *mark = ReadMark(wal_dir);
  if (!mark->found) return Owner::kUnknown;
  if (IsSameDirectory(mark->path, survey.path)) return Owner::kThis;
  const bool copied = mark->identity == survey.Identity() && !IsDatabase(mark->path);
  return copied ? Owner::kThis : Owner::kOther;
}

struct Wals {
  bool rows = false;     // some with content may be needed
  bool current = false;  // has the newest WAL that the MANIFEST names, or a later one
  bool any = false;
};

Wals WalsIn(const std::string& path, const Manifest& manifest) {
  uint64_t oldest = std::numeric_limits<uint64_t>::max();
  for (const auto& [id, family] : manifest.families) oldest = std::min(oldest, family.log_number);
  if (manifest.families.empty()) oldest = 0;
  Wals wals;
  for (const auto& [number, size] : WalFilesIn(path)) {
    wals.any = true;
    wals.rows = wals.rows || (number >= oldest && size != 0);
    wals.current = wals.current || number >= manifest.NewestLogNumber();
  }
  return wals;
}

Error ElsewhereError(const Survey& survey, const std::string& recorded, const std::string& asked,
                     bool both) {
  const bool own = IsSameDirectory(recorded, survey.path);
  std::string text = "its WAL was written to " + recorded +
                     (own ? std::string() : " (wal_dir of " + survey.options.name + ")") +
                     " and has rows there; asked for is " + asked + " (wal_dir). ";
  if (both) text += "WAL files are in both: move away those that do not belong to it. ";
  return Error(Code::kOptionsMismatch,
               text + (own ? "Open it without wal_dir" : "Say the same wal_dir") +
                   ", or move its *.log files to the other folder first");
}

// Whether the WAL may be looked for in `asked` although another folder is recorded.
Error CheckMoved(const Survey& survey, const std::string& recorded, const std::string& asked) {
  Mark mark;
  const bool own = IsSameDirectory(recorded, survey.path);
  const Owner owner = own ? Owner::kUnknown : OwnerOf(recorded, survey, &mark);
  if (owner == Owner::kOther || !WalsIn(recorded, survey.manifest).rows) return Error();
  const bool there = WalsIn(asked, survey.manifest).current;
  // A checkpoint has its own WAL, and its original's OPTIONS file.
  if (there && !own && owner == Owner::kUnknown) return Error();
  return ElsewhereError(survey, recorded, asked, there);
}

Error CheckOwner(const Survey& survey, const std::string& asked) {
  Mark mark;
  const Owner owner = OwnerOf(asked, survey, &mark);
  const bool created = !survey.has_current;
  std::string whose;
  if (owner == Owner::kOther) {
    whose = "belongs to the database at " + mark.path;
  } else if (IsDatabase(asked)) {
    whose = "is a database itself";
  } else if (created && WalsIn(asked, survey.manifest).any) {
    whose = "has WAL files of another database";
  } else if (owner == Owner::kUnknown && WalsIn(asked, survey.manifest).rows &&
             WalsIn(survey.path, survey.manifest).current) {
    whose = "has WAL files, and so has the database's own folder: one of them is another's";
  }
  if (whose.empty()) return Error();
  return Error(Code::kOptionsMismatch, "the WAL folder " + asked + " (wal_dir) " + whose +
                                           "; give each database one of its own");
}

std::string RecordedIn(const Survey& survey) {
  std::string recorded = survey.options.OfDatabase("wal_dir");
  if (recorded.empty()) return survey.path;
  recorded = Absolute(recorded);
  // Older versions of RocksDB record the database's own folder, and a copy still has that path.
  return IsDatabase(recorded) ? survey.path : recorded;
}

}  // namespace

void ResolveWalDir(OpenRequest* request) {
  const auto found = request->db.find("wal_dir");
  if (found != request->db.end() && !found->second.empty()) {
    found->second = Absolute(found->second);
  }
}

std::string WalDirOf(const OpenRequest& request) {
  const std::string asked = OptionsFile::Find(request.db, "wal_dir");
  return asked.empty() || IsSameDirectory(asked, request.path) ? request.path : asked;
}

std::string WalDirOf(const std::string& path) {
  const Result<Survey> survey = LookAt(path, true);
  if (!survey.ok()) return path;
  const std::string recorded = RecordedIn(survey.value);
  if (IsSameDirectory(recorded, path)) return path;
  Mark mark;
  const Owner owner = OwnerOf(recorded, survey.value, &mark);
  const bool here = owner == Owner::kUnknown && WalsIn(path, survey.value.manifest).current;
  return owner == Owner::kOther || here ? path : recorded;
}

Error CheckWalDir(const Survey& survey, const OpenRequest& request) {
  const std::string asked = WalDirOf(request);
  if (asked != survey.path) {
    Error error = CheckOwner(survey, asked);
    if (!error.ok()) return error;
  }
  const std::string recorded = RecordedIn(survey);
  for (const std::string& before : {recorded, survey.path}) {
    if (IsSameDirectory(asked, recorded)) break;
    if (IsSameDirectory(asked, before)) continue;
    Error error = CheckMoved(survey, before, asked);
    if (!error.ok()) return error;
  }
  return Error();
}

Error MarkWalDir(const std::string& wal_dir, const std::string& path, const std::string& identity) {
  const Mark mark = ReadMark(wal_dir);
  if (mark.found && mark.identity == identity && mark.path == path) return Error();
  return WriteAtomically(Under(wal_dir, kMark), identity + "\n" + path + "\n", true);
}

void UnmarkWalDir(const std::string& wal_dir) {
  std::error_code ignored;
  fs::remove(fs::u8path(Under(wal_dir, kMark)), ignored);
}

}  // namespace rocksdb_live
