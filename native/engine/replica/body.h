// What a replica's log carries: the bodies of its records, and the place to which a database has
// come. The layout is a promise to other versions: REPLICA_FAMILY and BodyKind in
// lib/native/replica.ts. All numbers are little-endian.
//
// commit: u8 0; u32 number of families; for each u32 id, u32 length, name in UTF-8; then a batch in
// RocksDB's wire format, with these ids. createFamily: u8 1; u32 length, name; u32 length, the
// nature of its values (options/family_nature.h). dropFamily: u8 2; u32 length, name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace rocksdb_live {

enum class BodyKind : uint8_t { kCommit = 0, kCreateFamily = 1, kDropFamily = 2 };

// Key of the row with the place, in the hidden family.
constexpr char kPlaceKey[] = "position";

struct ReplicaPosition {
  uint64_t log_id = 0;
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  uint64_t ordinal = 0;
};

std::string PackPosition(const ReplicaPosition& position);
// Returns false if the row is of another version or damaged.
bool UnpackPosition(std::string_view row, ReplicaPosition* position);

// Appends a row to a batch in wire format.
void AppendPut(uint32_t family, std::string_view key, std::string_view value, std::string* batch);

using FamilyNames = std::map<uint32_t, std::string>;

// A commit's body up to its batch.
std::string CommitHead(const FamilyNames& names);
std::string CreateBody(const std::string& name, const std::string& nature);
std::string DropBody(const std::string& name);

// A body, read. The views are into its bytes.
struct Body {
  BodyKind kind = BodyKind::kCommit;
  std::vector<std::pair<uint32_t, std::string_view>> families;
  std::string_view batch;
  std::string_view name;
  std::string_view nature;
};

// Fails with kCorruption if the body is cut short or of an unknown kind.
Result<Body> ReadBody(std::string_view bytes);

// The family's number here; nothing if there is none of that name.
using FindNumber = std::function<bool(const std::string& name, uint32_t* number)>;

// Appends a commit's records, with the numbers that families have here, to a batch in wire format
// (its header as well, if `to` is empty). Fails with kReplicaMismatch for a family that is not
// here, and with kCorruption for records that cannot be read; `to` is then as it was.
Error AppendTranslated(const Body& body, const FindNumber& find, std::string* to);

void AppendFixed32(uint32_t value, std::string* to);
void AppendFixed64(uint64_t value, std::string* to);

}  // namespace rocksdb_live
