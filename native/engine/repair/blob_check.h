// One blob file, read without a database (its format: db/blob/blob_log_format.h).
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "rocksdb/file_system.h"

namespace rocksdb_live {

struct BlobFacts {
  bool there = false;
  bool readable = false;  // header and footer are intact, so RocksDB can open it
  bool whole = false;     // every record is intact, too
  std::string reason;     // what is wrong, if anything is
  uint32_t family = 0;
  uint64_t count = 0;         // of intact records
  uint64_t bytes = 0;         // of all records
  std::set<uint64_t> values;  // offsets of the intact values
  uint64_t records_end = 0;   // where the last intact record that was reached ends
};

BlobFacts CheckBlobFile(const std::string& path);
// With the file system of a database that holds its files.
BlobFacts CheckBlobFile(const std::string& path, rocksdb::FileSystem& files);

// Copies a file with an intact header and adds a footer, so that RocksDB can read its intact
// records.
bool CopyBlobFileWithFooter(const std::string& from, const BlobFacts& facts, const std::string& to);

}  // namespace rocksdb_live
