// Inspects an open database on its own JavaScript thread: nothing here reads a disk.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/family.h"
#include "engine/base/range.h"
#include "engine/base/result.h"
#include "engine/options/options.h"
#include "engine/store/session.h"

namespace rocksdb_live {

// RocksDB's properties; empty if it has none with this name.
std::optional<std::string> Property(const Family& family, const std::string& name);
std::optional<uint64_t> IntProperty(const Family& family, const std::string& name);
std::optional<std::map<std::string, std::string>> MapProperty(const Family& family,
                                                              const std::string& name);
// The sum over all families.
std::optional<uint64_t> AggregatedIntProperty(const Session& session, const std::string& name);

// Approximate bytes of the range on disk and in memory. Where RocksDB would have to read a table's
// index, each table that overlaps the range counts as half.
Result<uint64_t> ApproximateSize(const Family& family, const Range& range);

// The options in force in RocksDB.
struct OptionsInForce {
  OptionMap db;
  OptionMap shared;
  std::vector<std::pair<std::string, FamilyOptionMaps>> families;  // by name
};
Result<OptionsInForce> ReadOptionsInForce(const Session& session);

}  // namespace rocksdb_live
