#include "engine/options/options.h"

#include "engine/base/fallback_merge.h"
#include "engine/base/merge_rules.h"
#include "engine/options/expiry_filter.h"
#include "engine/options/option_rules.h"
#include "rocksdb/convenience.h"
#include "rocksdb/table.h"

namespace rocksdb_live {
namespace {

using rocksdb::Status;

rocksdb::ConfigOptions StrictConfig() {
  rocksdb::ConfigOptions config;
  config.ignore_unknown_options = false;
  config.ignore_unsupported_options = false;  // else unknown operators become none
  config.input_strings_escaped = false;
  return config;
}

// RocksDB reports an unknown option as InvalidArgument or NotFound, depending on the struct.
Error OptionError(const std::string& where, const Status& status) {
  if (status.ok()) return Error();
  return Error(Code::kInvalidArgument, where + ": " + status.ToString());
}

Error ParseTable(const std::string& where, const OptionMap& map,
                 rocksdb::BlockBasedTableOptions* table) {
  if (map.count("block_cache") != 0) {
    return Error(Code::kInvalidArgument,
                 where + ": block_cache is one cache for all families; set blockCacheMb");
  }
  return OptionError(where + ", table options",
                     rocksdb::GetBlockBasedTableOptionsFromMap(
                         StrictConfig(), rocksdb::BlockBasedTableOptions(), map, table));
}

}  // namespace

OptionsBuilder::OptionsBuilder(const OptionMap& shared) : shared_(shared) {
  RegisterExpiryFilter();
}

Error OptionsBuilder::BuildDb(const OptionMap& map, rocksdb::DBOptions* options) const {
  const Status status =
      rocksdb::GetDBOptionsFromMap(StrictConfig(), rocksdb::DBOptions(), map, options);
  if (!status.ok()) return OptionError("database options", status);
  shared_.ApplyTo(options);
  return CheckDbOptions(*options);
}

Error OptionsBuilder::BuildFamily(const std::string& name, const FamilyOptionMaps& maps,
                                  const rocksdb::DBOptions& db,
                                  rocksdb::ColumnFamilyOptions* options) const {
  const std::string where = "column family \"" + name + "\"";
  OfferOperators();
  const Status status = rocksdb::GetColumnFamilyOptionsFromMap(
      StrictConfig(), rocksdb::ColumnFamilyOptions(), maps.column_family, options);
  if (!status.ok()) return OptionError(where, status);
  if (options->comparator != rocksdb::BytewiseComparator()) {
    return Error(Code::kNotSupported, where + ": ranges need the bytewise comparator");
  }
  Error error = UseSafeMergeOperator(where, options);
  if (!options->merge_operator) options->merge_operator = FallbackMerge();
  if (error.ok()) error = CompleteExpiry(where, maps.column_family, options);
  if (!error.ok()) return error;
  if (maps.column_family.count("table_factory") == 0) {
    rocksdb::BlockBasedTableOptions table;
    error = ParseTable(where, maps.table, &table);
    if (!error.ok()) return error;
    table.block_cache = shared_.block_cache();
    options->table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  }
  return CheckFamilyOptions(where, db, *options);
}

Error ChangeDb(rocksdb::DB* db, const OptionMap& map) {
  rocksdb::DBOptions next;
  const Status status =
      rocksdb::GetDBOptionsFromMap(StrictConfig(), db->GetDBOptions(), map, &next);
  Error error = status.ok() ? CheckDbOptions(next) : OptionError("database options", status);
  return error.ok() ? Error::From(db->SetDBOptions(map)) : error;
}

Error ChangeFamily(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle, const OptionMap& map) {
  const std::string where = "column family \"" + handle->GetName() + "\"";
  const rocksdb::Options now = db->GetOptions(handle);
  rocksdb::ColumnFamilyOptions next;
  const Status status = rocksdb::GetColumnFamilyOptionsFromMap(StrictConfig(), now, map, &next);
  Error error = status.ok() ? CheckFamilyOptions(where, now, next) : OptionError(where, status);
  return error.ok() ? Error::From(db->SetOptions(handle, map)) : error;
}

Error ReadDbOptions(rocksdb::DB* db, OptionMap* map) {
  std::string text;
  Status status = rocksdb::GetStringFromDBOptions(StrictConfig(), db->GetDBOptions(), &text);
  if (status.ok()) status = rocksdb::StringToMap(text, map);
  return Error::From(status);
}

Error ReadFamilyOptions(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle,
                        FamilyOptionMaps* maps) {
  const rocksdb::Options options = db->GetOptions(handle);
  std::string text;
  Status status = rocksdb::GetStringFromColumnFamilyOptions(StrictConfig(), options, &text);
  if (status.ok()) status = rocksdb::StringToMap(text, &maps->column_family);
  if (!status.ok() || options.table_factory == nullptr) return Error::From(status);
  text.clear();
  status = options.table_factory->GetOptionString(StrictConfig(), &text);
  if (status.ok()) status = rocksdb::StringToMap(text, &maps->table);
  return Error::From(status);
}

void CompareOptions(const std::string& where, const OptionMap& open, const OptionMap& asked,
                    std::vector<std::string>* differences) {
  const auto differ = [&](const std::string& name, const std::string& a, const std::string& b) {
    differences->push_back(where + name + " is " + a + ", asked for " + b);
  };
  for (const auto& [name, value] : asked) {
    const auto found = open.find(name);
    if (found == open.end()) {
      differ(name, "unset", value);
    } else if (found->second != value) {
      differ(name, found->second, value);
    }
  }
  for (const auto& [name, value] : open) {
    if (asked.count(name) == 0) differ(name, value, "nothing");
  }
}

}  // namespace rocksdb_live
