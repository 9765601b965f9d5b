// The files that hold the rows of a database, with what RocksDB knows of each.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/family.h"
#include "engine/base/result.h"

namespace rocksdb_live {

// What a table says of its own rows.
struct TableContents {
  uint64_t entries = 0;
  uint64_t deletions = 0;
  uint64_t range_deletions = 0;
  std::string compression;
};

struct DataFile {
  size_t family = 0;  // its place in the families that were asked for
  std::string name;   // 000012.sst
  std::string directory;
  uint64_t bytes = 0;

  // Of a table.
  int level = -1;  // of a blob file
  std::string smallest_key;
  std::string largest_key;
  uint64_t smallest_sequence = 0;
  uint64_t largest_sequence = 0;
  uint64_t created_at = 0;  // in seconds since 1970; 0 if unknown
  uint64_t oldest_ancestor_at = 0;
  bool being_compacted = false;
  uint64_t reads = 0;
  const char* temperature = "unknown";
  std::optional<TableContents> contents;  // nothing if the table cannot be read

  // Of a blob file.
  uint64_t garbage_bytes = 0;
  uint64_t blobs = 0;
  uint64_t garbage_blobs = 0;
};

// Family by family; tables by level, in RocksDB's order, then blob files. Reads the properties of
// tables that are not open: never on a JavaScript thread. Ends with kShutdown once `canceled`.
Result<std::vector<DataFile>> ListDataFiles(const std::vector<std::shared_ptr<Family>>& families,
                                            const std::atomic<bool>& canceled);

// Reads all of a table or a blob file, and compares it with its checksums. Never on a JavaScript
// thread.
Error CheckDataFile(const Family& family, const std::string& path, bool is_blob);

}  // namespace rocksdb_live
