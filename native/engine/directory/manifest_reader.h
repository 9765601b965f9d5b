// Reads a MANIFEST: the families and their files. RocksDB's own readers open files, write logs, and
// refuse the very cases that must be explained here.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace rocksdb_live {

struct ManifestFamily {
  std::string name;
  std::string comparator;   // empty if unspecified
  uint64_t log_number = 0;  // older WALs have no rows for it
};

struct ManifestTable {
  uint32_t family = 0;
  uint64_t path_id = 0;  // of db_paths or cf_paths
  uint64_t level = 0;
  uint64_t size = 0;
  uint64_t largest_sequence = 0;
};

struct Manifest {
  uint64_t number = 0;
  uint64_t size = 0;  // of the file
  uint64_t end = 0;   // of its last whole record: zeros or half a record follow, or nothing
  // Every record was understood, up to the end or to the half record that a crash leaves.
  bool whole = false;
  // It has records that LevelDB writes, and no others.
  bool leveldb = false;
  std::string database_id;
  std::map<uint32_t, ManifestFamily> families;  // live families
  std::map<uint64_t, ManifestTable> tables;     // by file number
  std::set<uint64_t> blobs;
  std::set<uint64_t> named_tables;  // every table that was ever added
  // The highest sequence number in any table of a family.
  std::map<uint32_t, uint64_t> flushed;
  std::set<uint32_t> dropped;  // families
  uint64_t highest_family = 0;
  // Records at the end that belong to an incomplete group: RocksDB ignores all of them.
  size_t unfinished_records = 0;
  uint64_t next_file_number = 0;
  uint64_t last_sequence = 0;

  // Whether it had a family with this number that was dropped.
  bool IsDropped(uint32_t family) const;
  // The newest WAL that it names as needed.
  uint64_t NewestLogNumber() const;
};

// Parses the bytes of a MANIFEST. Leaves checksums to RocksDB, which refuses damaged files.
Manifest ParseManifest(uint64_t number, std::string_view bytes);

}  // namespace rocksdb_live
