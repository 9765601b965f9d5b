// A mark in each table of a family whose rows expire. OPTIONS says it as well, and may be lost.
#pragma once

#include <optional>
#include <string>

#include "rocksdb/options.h"

namespace rocksdb_live {

// Lets tables that are written with these options carry the text of the filter.
void MarkTables(const std::string& text, rocksdb::ColumnFamilyOptions* options);

// The text in a table; empty if it has none, nothing if it cannot be read.
std::optional<std::string> MarkOf(const std::string& table);

}  // namespace rocksdb_live
