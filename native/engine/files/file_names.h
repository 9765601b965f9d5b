// Parses file names as RocksDB does (its file/filename.cc): `000012.log` is a WAL, `app.log` is
// not.
#pragma once

#include <cstdint>
#include <string>

namespace rocksdb_live {

enum class FileKind {
  kStranger,  // neither RocksDB's nor ours
  kOurs,
  kCurrent,
  kIdentity,
  kLock,
  kInfoLog,
  kManifest,
  kOptions,
  kWal,
  kTable,
  kLevelDbTable,  // `.ldb`: RocksDB reads such tables but writes none
  kBlob,
  kTemporary,
};

struct FileName {
  FileKind kind = FileKind::kStranger;
  uint64_t number = 0;
};

// The kind of a file in a database's directory, by its name (UTF-8, without folders).
FileName ParseFileName(const std::string& name);

// As in `000012.log`: the number with at least six digits.
std::string NumberedName(uint64_t number, const char* ending);
std::string ManifestName(uint64_t number);

// Prefix of our own files; RocksDB uses no name with it.
inline constexpr char kOurPrefix[] = "rocksdb-live.";

}  // namespace rocksdb_live
