// The newest OPTIONS file of a directory: what a database was last opened with, by any program.
#pragma once

#include <map>
#include <string>

#include "engine/base/option_map.h"

namespace rocksdb_live {

// Only what opening has to know; RocksDB writes some two hundred options for each family.
struct OptionsFile {
  std::string name;  // empty: there is none that can be read
  OptionMap db;
  std::map<std::string, OptionMap> families;

  // The text of an option; empty where it is unset, `nullptr` or not known.
  static std::string Find(const OptionMap& map, const std::string& option);
  std::string OfFamily(const std::string& family, const std::string& option) const;
  // Of the database; a string as it was before RocksDB escaped it.
  std::string OfDatabase(const std::string& option) const;
};

// Reads the text of such a file. What it does not know it leaves out.
OptionsFile ParseOptionsFile(const std::string& name, const std::string& text);

}  // namespace rocksdb_live
