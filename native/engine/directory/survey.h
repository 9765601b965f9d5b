// What a database's directory contains, read before anything is written to it.
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
  std::string current;  // its text; if intact, a MANIFEST's name and a line end
  bool has_identity = false;
  std::string identity;  // text of IDENTITY; empty if that is missing
  std::set<uint64_t> manifests;
  std::set<uint64_t> options_files;
  std::set<uint64_t> wals;
  std::set<uint64_t> tables;  // without LevelDB's
  std::set<uint64_t> leveldb_tables;
  std::set<uint64_t> blobs;
  std::vector<std::string> strangers;  // files of others

  OptionsFile options;  // the newest
  Manifest manifest;    // the one that CURRENT names

  // The text of IDENTITY, or else the id in the MANIFEST; empty if neither exists.
  const std::string& Identity() const;
  // The number of the MANIFEST that CURRENT names; 0 if it names none.
  uint64_t CurrentManifest() const;
  // How many files only a database would have, and one of them as an example.
  size_t CountDatabaseFiles(std::string* example) const;
};

// Reads the file names and, with `contents`, CURRENT, IDENTITY, the newest OPTIONS file and the
// MANIFEST.
Result<Survey> LookAt(const std::string& path, bool contents);

// Whether CURRENT and its MANIFEST are still the same. If not, a writer in another process is
// changing files between two reads.
bool IsUnchanged(const Survey& survey);

// Numbers and sizes of the WAL files in a directory; empty if it cannot be read.
std::map<uint64_t, uint64_t> WalFilesIn(const std::string& path);

}  // namespace rocksdb_live
