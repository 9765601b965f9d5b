// What a MANIFEST says: the families, and the files they are made of. RocksDB has readers of its
// own; they open files, log, and refuse what is to be explained here.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace rocksdb_live {

struct ManifestFamily {
  std::string name;
  std::string comparator;   // empty where it is not said
  uint64_t log_number = 0;  // older WALs have nothing for it
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
  // Every record was understood, up to the end or to half a record as a crash leaves it.
  bool whole = false;
  // It has nothing that LevelDB does not write, and something that it writes.
  bool leveldb = false;
  std::string database_id;
  std::map<uint32_t, ManifestFamily> families;  // those that live
  std::map<uint64_t, ManifestTable> tables;     // by file number
  std::set<uint64_t> blobs;
  std::set<uint64_t> named_tables;  // all that were ever added
  // The highest number of a row in any table of a family.
  std::map<uint32_t, uint64_t> flushed;
  std::set<uint32_t> dropped;  // families
  uint64_t highest_family = 0;
  // Records at the end that belong to a group whose end is missing: RocksDB takes none of them.
  size_t unfinished_records = 0;
  uint64_t next_file_number = 0;
  uint64_t last_sequence = 0;

  // Whether it had a family of that number, and has it no more.
  bool IsDropped(uint32_t family) const;
  // The newest WAL that it names as one to be read.
  uint64_t NewestLogNumber() const;
};

// Reads the bytes of one. Checksums are RocksDB's business: it refuses what is damaged.
Manifest ParseManifest(uint64_t number, std::string_view bytes);

}  // namespace rocksdb_live
