// Valid ranges of RocksDB's numeric options, by name: one table for all three maps, and for fields
// of structs.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/base/option_map.h"

namespace rocksdb_live {

// Checks what RocksDB made of an options map, in its own text form (`GetStringFrom…`). `untouched`
// is the text form of default options: those values always pass.
Error CheckNumbers(const std::string& where, const OptionMap& texts, const OptionMap& untouched);

// Describes a number that is out of its range; empty if it is valid. `name` is `option` or
// `struct.field`. `counts` says that the option is a number; it matters for options without a known
// range.
std::string NumberProblem(const std::string& name, const std::string& text, bool counts);

}  // namespace rocksdb_live
