// String maps to RocksDB's option structs and back: the only user of RocksDB's option parser.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/error.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

using OptionMap = std::unordered_map<std::string, std::string>;

struct FamilyOptionMaps {
  OptionMap column_family;
  OptionMap table;
};

// Builds option structs that share one block cache, whatever the number of families.
class OptionsBuilder {
 public:
  explicit OptionsBuilder(size_t block_cache_bytes);

  Error BuildDb(const OptionMap& map, rocksdb::DBOptions* options) const;
  // `name` is for the error's message.
  Error BuildFamily(const std::string& name, const FamilyOptionMaps& maps,
                    rocksdb::ColumnFamilyOptions* options) const;

  const std::shared_ptr<rocksdb::Cache>& block_cache() const { return block_cache_; }

 private:
  std::shared_ptr<rocksdb::Cache> block_cache_;
};

// What RocksDB has in force now, as text.
Error ReadDbOptions(rocksdb::DB* db, OptionMap* map);
Error ReadFamilyOptions(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle,
                        FamilyOptionMaps* maps);

// Appends a line to `differences` for each option that the two maps give different values.
void CompareOptions(const std::string& where, const OptionMap& open, const OptionMap& asked,
                    std::vector<std::string>* differences);

}  // namespace rocksdb_live
