// What the change feed knows of a database beyond its WAL: whose history it is, where sequence
// numbers may have been given twice, when families came and went, and who still needs which WAL.
//
// Kept in a small file beside the database, which is replaced as a whole.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/changes/token.h"

namespace rocksdb_live {

struct FamilyRecord {
  enum class Kind : uint8_t { kKnown, kCreated, kDropped };
  Kind kind = Kind::kKnown;
  uint64_t sequence = 0;  // of the first commit after it
  uint32_t id = 0;
  std::string name;
  std::string nature;  // of its values: options/family_nature.h
};

// A reader's place, from which on the WAL is kept. 0 means no bound.
struct Place {
  Position at;
  uint64_t most_bytes = 0;
  uint64_t most_age_ms = 0;
  bool lost = false;
};

// A stretch of history, within which RocksDB gives each sequence number once.
struct Incarnation {
  uint64_t from = 0;   // numbers of earlier ones end here: they may be given again
  uint64_t first = 0;  // of its first commit: larger where a write that failed has used some up
  bool operator==(const Incarnation& other) const {
    return from == other.from && first == other.first;
  }
};

struct History {
  // 16 random bytes; empty until somebody reads changes.
  std::string epoch;
  // The number of the first incarnation that is still listed.
  uint32_t first_incarnation = 0;
  std::vector<Incarnation> incarnations;
  std::vector<FamilyRecord> families;
  std::map<std::string, Place> places;

  bool exists() const { return !epoch.empty(); }
  uint32_t last_incarnation() const {
    return first_incarnation + static_cast<uint32_t>(incarnations.size()) - 1;
  }
  // The first sequence number after an incarnation; the largest number for the last one.
  uint64_t EndOf(uint32_t incarnation) const;
  // Moves a position at the end of its incarnation to the beginning of the next one. Returns false
  // if it is not there.
  bool MoveOn(Position* position) const;
  // The sequence number of the first commit behind a position.
  uint64_t NextOf(Position position) const;
  // The incarnation that a sequence number belongs to.
  uint32_t IncarnationOf(uint64_t sequence) const;
  // How many family records come before a sequence number.
  uint32_t FamiliesBefore(uint64_t sequence) const;
  void BeginIncarnation(uint64_t from, uint64_t first);
};

// A new history with a random epoch.
History NewHistory();

// Reads the history of the database in a directory. Returns one that does not exist if there is no
// file, if it is damaged, or if it is a copy: another database goes on from there.
History ReadHistory(const std::string& directory);
// Both the contents and the name are on disk when this returns.
Error WriteHistory(const std::string& directory, const History& history);
// Forgets it: the next history has an epoch of its own.
void RemoveHistory(const std::string& directory);

}  // namespace rocksdb_live
