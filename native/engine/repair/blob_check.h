// One blob file, read without a database (its format: db/blob/blob_log_format.h).
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace rocksdb_live {

struct BlobFacts {
  bool there = false;
  bool readable = false;  // its header and its footer are whole, so that RocksDB opens it
  bool whole = false;     // and so is every record
  std::string reason;     // what is wrong, where something is
  uint32_t family = 0;
  uint64_t count = 0;         // of whole records
  uint64_t bytes = 0;         // of all records
  std::set<uint64_t> values;  // offsets of the values that are whole
  uint64_t records_end = 0;   // where the last whole record that was reached ends
};

BlobFacts CheckBlobFile(const std::string& path);

// Writes a copy of one whose header is whole, with a footer, so that RocksDB reads its whole
// records.
bool CopyBlobFileWithFooter(const std::string& from, const BlobFacts& facts, const std::string& to);

}  // namespace rocksdb_live
