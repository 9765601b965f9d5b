// What a repair finds, and what it is going to do about it. Reads only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/directory/survey.h"
#include "engine/repair/blob_check.h"
#include "engine/repair/repair.h"
#include "engine/repair/table_check.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

struct LostTable {
  uint64_t number = 0;
  bool there = false;
};

// What tables have in a blob file: as a MANIFEST counts it.
struct BlobUse {
  uint32_t family = 0;
  uint64_t count = 0;
  uint64_t bytes = 0;
};

struct WalScan {
  std::set<uint64_t> numbers;  // all that are there
  uint64_t first_sequence =
      0;  // of what may still be needed; 0 where it has none, or is compressed
  bool compressed = false;
  uint64_t rows = 0;
  uint64_t damaged_bytes = 0;
  std::set<uint32_t> families;  // that it has rows of
};

struct RepairPlan {
  std::string path;
  std::string wal_dir;
  Survey survey;

  std::vector<std::string> records;  // of the MANIFEST, as far as it can be read
  Manifest manifest;                 // what they say
  bool has_manifest = false;
  bool cut = false;  // they say less than there was

  std::vector<LostTable> lost;
  std::vector<TableFacts> added;                 // tables that the MANIFEST does not know
  std::map<uint32_t, std::string> new_families;  // that it does not know either
  std::map<uint64_t, BlobFacts> blobs;           // those in use
  std::map<uint64_t, BlobUse> new_blobs;         // those that the MANIFEST does not know
  WalScan wal;
  std::vector<Damage> damage;
  uint64_t next_number = 1;  // above those of all files

  std::vector<std::string> recorded;  // families as OPTIONS has them, in its order
  // By family; others have the defaults.
  std::map<std::string, rocksdb::ColumnFamilyOptions> options;

  rocksdb::ColumnFamilyOptions OptionsOf(const std::string& family) const;
  // For reading a table of a family.
  rocksdb::Options TableOptions(uint32_t family) const;
  // By id, those of the MANIFEST and the new ones.
  std::map<uint32_t, std::string> Families() const;
  // Damaged, or missing.
  bool HasLostBlobs() const;
};

Result<RepairPlan> PlanRepair(const std::string& path, bool force);

}  // namespace rocksdb_live
