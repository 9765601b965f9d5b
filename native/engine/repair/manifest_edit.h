// Writes records of a MANIFEST (db/version_edit.h) without RocksDB.
#pragma once

#include <cstdint>
#include <string>

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

// The first record in the MANIFEST of a new database.
std::string FirstEdit();
// The next file number, the last sequence number, and the highest family.
std::string NumbersEdit(uint64_t next_file, uint64_t last_sequence, uint32_t highest_family);
std::string FamilyEdit(uint32_t id, const std::string& name);

// Changes to the files of one family.
class FilesEdit {
 public:
  explicit FilesEdit(uint32_t family) : family_(family) {}

  void RemoveTable(uint64_t level, uint64_t number);
  // Adds to level 0; of two tables, the one with the higher `epoch` is newer.
  void AddTable(const TableFacts& table, uint64_t epoch);
  void AddBlobFile(uint64_t number, const BlobUse& use);
  std::string Finish() const;

 private:
  const uint32_t family_;
  std::string text_;
};

}  // namespace rocksdb_live
