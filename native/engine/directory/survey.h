// What stands in a database's directory, read before anything is written there.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/directory/manifest_reader.h"
#include "engine/options/options_file.h"

namespace rocksdb_live {

struct Survey {
  std::string path;

  bool has_current = false;
  std::string current;  // its text; the name of a MANIFEST and a line end where it is sound
  bool has_identity = false;
  std::string identity;  // of IDENTITY; empty where that is missing
  std::set<uint64_t> manifests;
  std::set<uint64_t> options_files;
  std::set<uint64_t> wals;
  std::set<uint64_t> tables;  // without LevelDB's
  std::set<uint64_t> leveldb_tables;
  std::set<uint64_t> blobs;
  std::vector<std::string> strangers;  // files of others

  OptionsFile options;  // the newest
  Manifest manifest;    // the one that CURRENT names

  // IDENTITY's text, or the id that the MANIFEST has; empty where neither is there.
  const std::string& Identity() const;
  // The MANIFEST that CURRENT names; 0 where it names none.
  uint64_t CurrentManifest() const;
  // Files that only a database leaves behind, and one of them.
  size_t CountDatabaseFiles(std::string* example) const;
};

// Reads the names, and with `contents` CURRENT, IDENTITY, the newest OPTIONS file and the MANIFEST.
Result<Survey> LookAt(const std::string& path, bool contents);

// Whether CURRENT and its MANIFEST are as they were then. Where a writer in another process is at
// work, files come and go between two looks.
bool IsUnchanged(const Survey& survey);

// Numbers and sizes of the WAL files in a directory; none where it cannot be read.
std::map<uint64_t, uint64_t> WalFilesIn(const std::string& path);

}  // namespace rocksdb_live
