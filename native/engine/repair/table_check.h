// One table file, read without a database: whether it is whole, what a MANIFEST has to say of it,
// and what can be read of one that is damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/base/result.h"
#include "rocksdb/options.h"
#include "rocksdb/types.h"

namespace rocksdb_live {

// What a table says of itself.
struct TableFacts {
  uint64_t number = 0;
  uint64_t size = 0;
  uint32_t family = 0;
  std::string family_name;
  std::string comparator;
  std::string smallest;  // internal keys
  std::string largest;
  uint64_t smallest_sequence = 0;
  uint64_t largest_sequence = 0;
  uint64_t oldest_blob = 0;  // 0: it refers to no blob file
  uint64_t rows = 0;
  uint64_t range_deletions = 0;
};

// One entry: key, sequence number and what it does to the key.
using TableEntry =
    std::function<void(const rocksdb::ParsedEntryInfo&, const rocksdb::Slice& value)>;

// Reads every block. kNotSupported where this build cannot read what is not damaged.
Error CheckTable(const rocksdb::Options& options, const std::string& path);

// Family, comparator and counts, out of its properties alone.
Error ReadTableProperties(const rocksdb::Options& options, const std::string& path,
                          TableFacts* facts);

// All of `facts` but number and family, by reading every entry of a table that is whole.
Error ReadTableFacts(const rocksdb::Options& options, const std::string& path, TableFacts* facts);

// Reads every entry that can be read, in no order: from the start up to the first damage, and from
// the end down to the last. Returns how many there were.
uint64_t SalvageTable(const rocksdb::Options& options, const std::string& path,
                      const TableEntry& entry);

// Where a value that lies in a blob file is; false for one that says something else.
struct BlobPlace {
  uint64_t file = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
};
bool ReadBlobPlace(const rocksdb::Slice& value, BlobPlace* place);

}  // namespace rocksdb_live
