#include "engine/jobs/inspect.h"

#include "engine/files/nowait_files.h"
#include "rocksdb/metadata.h"

namespace rocksdb_live {
namespace {

// RocksDB requires an end. Only keys that begin with as many of its bytes lie beyond this one.
const std::string& BehindAll() {
  static const auto* const key = new std::string(1024, '\xFF');
  return *key;
}

uint64_t MemoryBytes(const Family& family, const rocksdb::Range& range) {
  uint64_t rows = 0;
  uint64_t bytes = 0;
  family.db()->GetApproximateMemTableStats(family.handle(), range, &rows, &bytes);
  return bytes;
}

// From the tables' first and last keys only, which RocksDB has in memory.
uint64_t BytesByEnds(const Family& family, const std::string& lower, const std::string& upper) {
  rocksdb::ColumnFamilyMetaData tables;
  family.db()->GetColumnFamilyMetaData(family.handle(), &tables);
  uint64_t bytes = 0;
  for (const rocksdb::LevelMetaData& level : tables.levels) {
    for (const rocksdb::SstFileMetaData& table : level.files) {
      if (table.largestkey < lower || table.smallestkey >= upper) continue;
      const bool whole = table.smallestkey >= lower && table.largestkey < upper;
      bytes += whole ? table.size : table.size / 2;
    }
  }
  return bytes;
}

}  // namespace

std::optional<std::string> Property(const Family& family, const std::string& name) {
  std::string value;
  if (!family.db()->GetProperty(family.handle(), name, &value)) return std::nullopt;
  return value;
}

std::optional<uint64_t> IntProperty(const Family& family, const std::string& name) {
  uint64_t value = 0;
  if (!family.db()->GetIntProperty(family.handle(), name, &value)) return std::nullopt;
  return value;
}

std::optional<std::map<std::string, std::string>> MapProperty(const Family& family,
                                                              const std::string& name) {
  std::map<std::string, std::string> map;
  if (!family.db()->GetMapProperty(family.handle(), name, &map)) return std::nullopt;
  return map;
}

std::optional<uint64_t> AggregatedIntProperty(const Session& session, const std::string& name) {
  uint64_t value = 0;
  if (!session.db()->GetAggregatedIntProperty(name, &value)) return std::nullopt;
  return value;
}

Result<uint64_t> ApproximateSize(const Family& family, const Range& range) {
  const std::string lower = range.lower.value_or("");
  const std::string& upper = range.upper ? *range.upper : BehindAll();
  if (lower >= upper) return uint64_t{0};
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  const rocksdb::Range asked(lower, upper);
  uint64_t size = 0;
  const NowaitScope nowait;
  const Error error =
      Error::From(family.db()->GetApproximateSizes(options, family.handle(), &asked, 1, &size));
  if (!error.ok()) return error;
  if (!nowait.refused()) return size;
  return MemoryBytes(family, asked) + BytesByEnds(family, lower, upper);
}

Result<OptionsInForce> ReadOptionsInForce(const Session& session) {
  OptionsInForce options;
  Error error = ReadDbOptions(session.db(), &options.db);
  if (!error.ok()) return error;
  options.shared = session.store().shared().Read();
  for (const auto& family : session.AllFamilies()) {
    FamilyOptionMaps maps;
    error = ReadFamilyOptions(session.db(), family->handle(), &maps);
    if (!error.ok()) return error;
    options.families.emplace_back(family->name(), std::move(maps));
  }
  return options;
}

}  // namespace rocksdb_live
