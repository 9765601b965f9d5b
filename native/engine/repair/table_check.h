// Reads one table file without a database: whether it is intact, its facts for a MANIFEST, and the
// readable part of a damaged one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/base/result.h"
#include "rocksdb/options.h"
#include "rocksdb/types.h"

namespace rocksdb_live {

// Facts about a table.
struct TableFacts {
  uint64_t number = 0;
  uint64_t size = 0;
  uint32_t family = 0;
  bool says_family = false;  // tables of old versions do not
  std::string family_name;
  std::string comparator;
  std::string smallest;  // internal keys
  std::string largest;
  uint64_t smallest_sequence = 0;
  uint64_t largest_sequence = 0;
  uint64_t oldest_blob = 0;  // 0 if it refers to no blob file
  uint64_t rows = 0;
  uint64_t range_deletions = 0;
};

// Receives one entry: key, sequence number, type and value.
using TableEntry =
    std::function<void(const rocksdb::ParsedEntryInfo&, const rocksdb::Slice& value)>;

// Reads every block. Fails with kNotSupported if this build cannot read an undamaged table.
Error CheckTable(const rocksdb::Options& options, const std::string& path);

// Family, comparator and counts, from its properties only.
Error ReadTableProperties(const rocksdb::Options& options, const std::string& path,
                          TableFacts* facts);

// All of `facts` except number and size, from every entry of an intact table.
Error ReadTableFacts(const rocksdb::Options& options, const std::string& path, TableFacts* facts);

// Reads every readable entry, in no particular order: forwards up to the first damage, then
// backwards to the last. Returns their number.
uint64_t SalvageTable(const rocksdb::Options& options, const std::string& path,
                      const TableEntry& entry);

// The place of a value in a blob file. ReadBlobPlace returns false for other values.
struct BlobPlace {
  uint64_t file = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
};
bool ReadBlobPlace(const rocksdb::Slice& value, BlobPlace* place);

}  // namespace rocksdb_live
