// What a repair found and what it will do. Planning only reads.
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

// The part of a blob file that tables refer to, as a MANIFEST counts it.
struct BlobUse {
  uint32_t family = 0;
  uint64_t count = 0;
  uint64_t bytes = 0;
};

struct WalScan {
  std::set<uint64_t> numbers;   // all WALs in the folder
  uint64_t first_sequence = 0;  // of rows that may be needed; 0: none, or compressed
  bool compressed = false;
  uint64_t rows = 0;
  uint64_t damaged_bytes = 0;
  std::set<uint32_t> families;  // that have rows in it
};

struct RepairPlan {
  std::string path;
  std::string wal_dir;
  Survey survey;

  std::vector<std::string> records;  // of the MANIFEST, as far as it can be read
  Manifest manifest;                 // the parsed records
  bool has_manifest = false;
  bool cut = false;  // the records are incomplete

  std::vector<LostTable> lost;
  std::vector<TableFacts> added;                 // tables that the MANIFEST does not know
  std::map<uint32_t, std::string> new_families;  // families that it does not know either
  std::map<uint64_t, BlobFacts> blobs;           // blob files in use
  std::map<uint64_t, BlobUse> new_blobs;         // blob files that the MANIFEST does not know
  WalScan wal;
  std::vector<Damage> damage;
  uint64_t next_number = 1;  // higher than the number of any file

  std::vector<std::string> recorded;  // families in OPTIONS, in its order
  // By family; others have the defaults.
  std::map<std::string, rocksdb::ColumnFamilyOptions> options;

  rocksdb::ColumnFamilyOptions OptionsOf(const std::string& family) const;
  // Options to read a family's tables with.
  rocksdb::Options TableOptions(uint32_t family) const;
  // By id: those of the MANIFEST and new ones.
  std::map<uint32_t, std::string> Families() const;
  // Whether a blob file is damaged or missing.
  bool HasLostBlobs() const;
};

Result<RepairPlan> PlanRepair(const std::string& path, bool force);

}  // namespace rocksdb_live
