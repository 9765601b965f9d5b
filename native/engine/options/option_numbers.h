// Ranges of RocksDB's numbers, by name: one table for all three maps, and for fields of structs.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/base/option_map.h"

namespace rocksdb_live {

// Checks what RocksDB made of an options map, in its own words (`GetStringFrom…`). `untouched` is
// the same of a struct that nothing was set in: those values always pass.
Error CheckNumbers(const std::string& where, const OptionMap& texts, const OptionMap& untouched);

// A number out of its range as a sentence; empty where it may be. `name` is `option` or
// `struct.field`; `counts` says that it is a number and no text, for those that no range is known
// of.
std::string NumberProblem(const std::string& name, const std::string& text, bool counts);

}  // namespace rocksdb_live
