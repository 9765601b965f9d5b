// Converts string maps to RocksDB's option structs and back: the only user of RocksDB's option
// parser.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/option_map.h"
#include "engine/options/shared_objects.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

struct FamilyOptionMaps {
  OptionMap column_family;
  OptionMap table;
};

// Builds option structs around one set of shared objects, for any number of families.
class OptionsBuilder {
 public:
  explicit OptionsBuilder(const OptionMap& shared);

  Error BuildDb(const OptionMap& map, rocksdb::DBOptions* options) const;
  // `name` is for the error message; `db` are the database's options.
  Error BuildFamily(const std::string& name, const FamilyOptionMaps& maps,
                    const rocksdb::DBOptions& db, rocksdb::ColumnFamilyOptions* options) const;

  SharedObjects& shared() { return shared_; }

 private:
  SharedObjects shared_;
};

// Changes options of an open family, under the same rules as at open.
Error ChangeFamily(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle, const OptionMap& map);
Error ChangeDb(rocksdb::DB* db, const OptionMap& map);

// The options in force in RocksDB, as text.
Error ReadDbOptions(rocksdb::DB* db, OptionMap* map);
Error ReadFamilyOptions(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle,
                        FamilyOptionMaps* maps);

// Appends a line to `differences` for each option whose values differ between the two maps.
void CompareOptions(const std::string& where, const OptionMap& open, const OptionMap& asked,
                    std::vector<std::string>* differences);

}  // namespace rocksdb_live
