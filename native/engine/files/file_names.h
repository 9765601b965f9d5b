// Names of files as RocksDB reads them (its file/filename.cc): `000012.log` is a WAL, `app.log` is
// not.
#pragma once

#include <cstdint>
#include <string>

namespace rocksdb_live {

enum class FileKind {
  kStranger,  // none of RocksDB's and none of ours
  kOurs,
  kCurrent,
  kIdentity,
  kLock,
  kInfoLog,
  kManifest,
  kOptions,
  kWal,
  kTable,
  kLevelDbTable,  // `.ldb`: RocksDB reads such tables, and writes none
  kBlob,
  kTemporary,
};

struct FileName {
  FileKind kind = FileKind::kStranger;
  uint64_t number = 0;
};

// What a file in a database's directory is, by its name (UTF-8, without folders).
FileName ParseFileName(const std::string& name);

// As `000012.log`: the number in at least six digits.
std::string NumberedName(uint64_t number, const char* ending);
std::string ManifestName(uint64_t number);

// Files of ours begin so, which no name of RocksDB's does.
inline constexpr char kOurPrefix[] = "rocksdb-live.";

}  // namespace rocksdb_live
