#include "engine/store/modes.h"

namespace rocksdb_live {
namespace {

enum class Verdict {
  kAllowed,
  kWriters,   // refused: this would write to the database
  kNoEffect,  // refused: a write, which was not applied
  kNone,      // refused: this mode does not have it
  kNoFeed,    // refused: it has no changes, or keeps none
};

struct Row {
  const char* method;
  Verdict read_write;
  Verdict read_only;
  Verdict secondary;
};

constexpr Verdict kYes = Verdict::kAllowed;
constexpr Verdict kNo = Verdict::kWriters;
constexpr Verdict kNoWrite = Verdict::kNoEffect;
constexpr Verdict kAbsent = Verdict::kNone;
constexpr Verdict kNoFeed = Verdict::kNoFeed;

constexpr Row kRows[] = {
    // Reads.
    {"get", kYes, kYes, kYes},
    {"has", kYes, kYes, kYes},
    {"getInto", kYes, kYes, kYes},
    {"readAsync", kYes, kYes, kYes},
    {"submitReads", kYes, kYes, kYes},
    {"getMany", kYes, kYes, kYes},
    {"getManyAsync", kYes, kYes, kYes},
    {"openCursor", kYes, kYes, kYes},
    {"nextSync", kYes, kYes, kYes},
    {"next", kYes, kYes, kYes},
    {"seek", kYes, kYes, kYes},
    {"count", kYes, kYes, kYes},
    {"snapshot", kYes, kYes, kYes},
    {"end", kYes, kYes, kYes},
    // Writes.
    {"commit", kYes, kNoWrite, kNoWrite},
    {"commitSync", kYes, kNoWrite, kNoWrite},
    {"clear", kYes, kNoWrite, kNoWrite},
    // Transactions.
    {"beginTransaction", kYes, kNoWrite, kNoWrite},
    {"startTransaction", kYes, kNoWrite, kNoWrite},
    {"startTransactionNow", kYes, kNoWrite, kNoWrite},
    {"startTransactionLater", kYes, kNoWrite, kNoWrite},
    {"retryTransaction", kYes, kNoWrite, kNoWrite},
    {"appendToTransaction", kYes, kNoWrite, kNoWrite},
    {"rollBackTransaction", kYes, kNoWrite, kNoWrite},
    {"noteRange", kYes, kNoWrite, kNoWrite},
    {"lockKey", kYes, kNoWrite, kNoWrite},
    {"cancelLock", kYes, kNoWrite, kNoWrite},
    {"readLocked", kYes, kNoWrite, kNoWrite},
    {"commitTransaction", kYes, kNoWrite, kNoWrite},
    {"commitTransactionNow", kYes, kNoWrite, kNoWrite},
    {"endTransaction", kYes, kNoWrite, kNoWrite},
    {"compareAndCommit", kYes, kNoWrite, kNoWrite},
    {"compareAndCommitNow", kYes, kNoWrite, kNoWrite},
    {"transactions", kYes, kYes, kYes},
    {"setTransactionWindow", kYes, kYes, kYes},
    // Changes. What is read only has the files of one moment.
    {"openChanges", kYes, kNoFeed, kYes},
    {"readChanges", kYes, kNoFeed, kYes},
    {"cancelChanges", kYes, kNoFeed, kYes},
    {"changesToken", kYes, kNoFeed, kYes},
    {"retainChanges", kYes, kNo, kNo},
    {"releaseChanges", kYes, kNo, kNo},
    {"retainedChanges", kYes, kNoFeed, kNoFeed},
    // Column families.
    {"families", kYes, kYes, kYes},
    {"createFamily", kYes, kNo, kNo},
    {"dropFamily", kYes, kNo, kNo},
    // Inspection: properties, figures and events come from this instance's own memory.
    {"property", kYes, kYes, kYes},
    {"intProperty", kYes, kYes, kYes},
    {"aggregatedIntProperty", kYes, kYes, kYes},
    {"mapProperty", kYes, kYes, kYes},
    {"approximateSize", kYes, kYes, kYes},
    {"options", kYes, kYes, kYes},
    {"statistics", kYes, kYes, kYes},
    {"dataFiles", kYes, kYes, kYes},
    {"checkDataFile", kYes, kYes, kYes},
    {"health", kYes, kYes, kYes},
    {"gather", kYes, kYes, kYes},
    {"record", kYes, kYes, kYes},
    {"endRecord", kYes, kYes, kYes},
    {"listen", kYes, kYes, kYes},
    // Options. Shared objects (the block cache's size, for example) belong to this process; RocksDB
    // records all other options in OPTIONS and MANIFEST.
    {"setShared", kYes, kYes, kYes},
    {"setDbOptions", kYes, kNo, kNo},
    {"setFamilyOptions", kYes, kNo, kNo},
    // Maintenance. A checkpoint flushes and disables file deletions, which only the writer can do
    // for its database.
    {"flush", kYes, kNo, kNo},
    {"flushWAL", kYes, kNo, kNo},
    {"compactRange", kYes, kNo, kNo},
    {"checkpoint", kYes, kNo, kNo},
    // A reader copies the state that is on the disk.
    {"openCapture", kYes, kYes, kYes},
    {"readCapture", kYes, kYes, kYes},
    {"endCapture", kYes, kYes, kYes},
    {"identity", kYes, kYes, kYes},
    {"resume", kYes, kNo, kNo},
    {"catchUp", kAbsent, kAbsent, kYes},
    // A replica's queue and place.
    {"replicaPosition", kYes, kAbsent, kAbsent},
    {"replicaLog", kYes, kAbsent, kAbsent},
    {"replicaWrite", kYes, kAbsent, kAbsent},
    {"replicaFollow", kYes, kAbsent, kAbsent},
    {"replicaDrain", kYes, kAbsent, kAbsent},
    {"replicaNext", kYes, kAbsent, kAbsent},
    {"replicaCancel", kYes, kAbsent, kAbsent},
    {"replicaLogged", kYes, kAbsent, kAbsent},
    {"replicaApply", kYes, kAbsent, kAbsent},
    {"replicaState", kYes, kAbsent, kAbsent},
    {"close", kYes, kYes, kYes},
    {"closeSync", kYes, kYes, kYes},
};

const Row* FindRow(const std::string& method) {
  for (const Row& row : kRows) {
    if (method == row.method) return &row;
  }
  return nullptr;
}

Verdict VerdictOf(const Row& row, Mode mode) {
  switch (mode) {
    case Mode::kReadOnly:
      return row.read_only;
    case Mode::kSecondary:
      return row.secondary;
    case Mode::kReadWrite:
      break;
  }
  return row.read_write;
}

}  // namespace

const char* NameOf(Mode mode) {
  switch (mode) {
    case Mode::kReadOnly:
      return "read-only";
    case Mode::kSecondary:
      return "as a secondary";
    case Mode::kReadWrite:
      break;
  }
  return "to read and write";
}

Error CheckMode(Mode mode, const std::string& method) {
  const Row* const row = FindRow(method);
  if (row == nullptr) return Error(Code::kNotSupported, method + " has no row in the modes' table");
  const std::string opened = std::string("it was opened ") + NameOf(mode);
  switch (VerdictOf(*row, mode)) {
    case Verdict::kAllowed:
      break;
    case Verdict::kWriters:
      return Error(Code::kReadOnly, opened + ", and only who opens it to write may do this");
    case Verdict::kNoEffect:
      return Error(Code::kReadOnly, opened, Outcome::kNotApplied);
    case Verdict::kNoFeed:
      return Error(Code::kNotSupported,
                   opened +
                       "; changes are read where the database is opened to write, and by a "
                       "secondary");
    case Verdict::kNone:
      return Error(Code::kNotSupported,
                   opened + "; only mode { secondary: directory } has a primary to follow");
  }
  return Error();
}

}  // namespace rocksdb_live
