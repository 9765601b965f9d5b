// The newest OPTIONS file of a directory: the options that a database was last opened with, by any
// program.
#pragma once

#include <map>
#include <string>

#include "engine/base/option_map.h"

namespace rocksdb_live {

// Only what opening needs; RocksDB writes some two hundred options per family.
struct OptionsFile {
  std::string name;  // empty if no file can be read
  OptionMap db;
  std::map<std::string, OptionMap> families;

  // The text of an option; empty if it is unset, `nullptr` or unknown.
  static std::string Find(const OptionMap& map, const std::string& option);
  std::string OfFamily(const std::string& family, const std::string& option) const;
  // An option of the database; strings are unescaped.
  std::string OfDatabase(const std::string& option) const;
};

// Parses the text of such a file and omits what it does not know.
OptionsFile ParseOptionsFile(const std::string& name, const std::string& text);

}  // namespace rocksdb_live
