#include "engine/options/option_rules.h"

#include <algorithm>

#include "engine/options/option_numbers.h"
#include "rocksdb/convenience.h"
#include "rocksdb/memtablerep.h"
#include "rocksdb/table.h"
#include "rocksdb/version.h"

namespace rocksdb_live {
namespace {

using rocksdb::ColumnFamilyOptions;
using rocksdb::DBOptions;
using rocksdb::Status;

Error Refuse(const std::string& where, const std::string& what) {
  return Error(Code::kInvalidArgument, where + ": " + what);
}

Status ToTexts(const DBOptions& options, OptionMap* texts) {
  std::string text;
  const Status status = rocksdb::GetStringFromDBOptions(rocksdb::ConfigOptions(), options, &text);
  return status.ok() ? rocksdb::StringToMap(text, texts) : status;
}

Status ToTexts(const ColumnFamilyOptions& options, OptionMap* texts) {
  std::string text;
  const Status status =
      rocksdb::GetStringFromColumnFamilyOptions(rocksdb::ConfigOptions(), options, &text);
  return status.ok() ? rocksdb::StringToMap(text, texts) : status;
}

Status ToTexts(const rocksdb::TableFactory& table, OptionMap* texts) {
  std::string text;
  const Status status = table.GetOptionString(rocksdb::ConfigOptions(), &text);
  return status.ok() ? rocksdb::StringToMap(text, texts) : status;
}

// The text form of default options. Never freed, since threads may outlive statics.
template <typename Options>
const OptionMap& Untouched() {
  static const auto* const untouched = [] {
    auto* const texts = new OptionMap();
    static_cast<void>(ToTexts(Options(), texts));  // on failure, all values are checked
    return texts;
  }();
  return *untouched;
}

const OptionMap& UntouchedTable() {
  static const auto* const untouched = [] {
    auto* const texts = new OptionMap();
    rocksdb::BlockBasedTableOptions options;
    options.no_block_cache = true;  // otherwise it would create one
    const std::unique_ptr<rocksdb::TableFactory> table(rocksdb::NewBlockBasedTableFactory(options));
    static_cast<void>(ToTexts(*table, texts));
    return texts;
  }();
  return *untouched;
}

// Refused words, by option; not every RocksDB has all of them.
struct Refusal {
  const char* name;
  const char* text;
  const char* why;
};

constexpr Refusal kRefusals[] = {
    {"best_efforts_recovery", "true",
     "it leaves out the write-ahead log, and with it rows that were acknowledged"},
    {"disallow_memtable_writes", "true",
     "writes to the family would fail in the middle of their batch"},
    {"compaction_pri", "kRoundRobin",
     "its compactions can leave out files, and rows that were replaced come back "
     "(facebook/rocksdb#14436)"},
};

Error CheckWords(const std::string& where, const OptionMap& texts) {
  for (const Refusal& refusal : kRefusals) {
    const auto found = texts.find(refusal.name);
    if (found == texts.end() || found->second != refusal.text) continue;
    return Refuse(where,
                  std::string(refusal.name) + " cannot be " + refusal.text + ": " + refusal.why);
  }
  return Error();
}

template <typename Options>
Error CheckTexts(const std::string& where, const Options& options, const OptionMap& untouched) {
  OptionMap texts;
  const Status status = ToTexts(options, &texts);
  if (!status.ok()) return Error::From(status).WithContext(where);
  Error error = CheckWords(where, texts);
  return error.ok() ? CheckNumbers(where, texts, untouched) : error;
}

// RocksDB checks the other codecs itself. Without this one it writes rows uncompressed but marks
// the file as compressed, and no build without the codec could open it.
Error CheckCodecs(const std::string& where, const ColumnFamilyOptions& options) {
  const auto codec = options.bottommost_compression;
  const auto& linked = rocksdb::GetSupportedCompressions();
  if (codec == rocksdb::kDisableCompressionOption ||
      std::find(linked.begin(), linked.end(), codec) != linked.end()) {
    return Error();
  }
  return Refuse(where, "bottommost_compression is a codec that this build was compiled without");
}

Error CheckTiering(const std::string& where, const ColumnFamilyOptions& options) {
  if (ROCKSDB_MAJOR >= 10 || options.preclude_last_level_data_seconds == 0) return Error();
  return Refuse(
      where,
      "preclude_last_level_data_seconds must be 0 before RocksDB 10: the first flush of a "
      "family that is made later would end the process (facebook/rocksdb#13269)");
}

Error CheckMemtable(const std::string& where, const ColumnFamilyOptions& options) {
  const std::string memtable = options.memtable_factory ? options.memtable_factory->Name() : "none";
  if (memtable != rocksdb::SkipListFactory::kClassName()) {
    return Refuse(where, "memtable_factory is " + memtable +
                             ", and only the skip list has all that is read here: snapshots, "
                             "ranges in both directions and concurrent writes");
  }
  return Error();
}

}  // namespace

Error CheckDbOptions(const DBOptions& options) {
  const std::string where = "database options";
  if (options.recycle_log_file_num != 0 && options.wal_compression != rocksdb::kNoCompression) {
    return Refuse(where,
                  "recycle_log_file_num and wal_compression exclude each other: what a recycled "
                  "file held before is taken for damage (facebook/rocksdb#15007)");
  }
  if (options.two_write_queues && options.enable_pipelined_write) {
    return Refuse(where,
                  "two_write_queues and enable_pipelined_write exclude each other: every write "
                  "would fail");
  }
  return CheckTexts(where, options, Untouched<DBOptions>());
}

Error CheckFamilyOptions(const std::string& where, const DBOptions& db,
                         const ColumnFamilyOptions& options) {
  Error error = CheckMemtable(where, options);
  if (error.ok()) error = CheckCodecs(where, options);
  if (error.ok()) error = CheckTiering(where, options);
  if (error.ok()) error = CheckTexts(where, options, Untouched<ColumnFamilyOptions>());
  if (!error.ok() || !options.table_factory) return error;
  error = CheckTexts(where + ", table options", *options.table_factory, UntouchedTable());
  if (!error.ok()) return error;
  // RocksDB checks this at open, but not for a family that is created later or changed.
  return Error::From(options.table_factory->ValidateOptions(db, options)).WithContext(where);
}

}  // namespace rocksdb_live
