#include "database.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <type_traits>

#include "rocksdb/advanced_cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/table.h"

namespace bench {
namespace {

rocksdb::ConfigOptions Texts() {
  rocksdb::ConfigOptions config;
  config.ignore_unknown_options = true;
  return config;
}

std::unordered_map<std::string, std::string> Section(const OptionSections& sections,
                                                     const std::string& name) {
  const auto found = sections.find(name);
  if (found == sections.end()) return {};
  return {found->second.begin(), found->second.end()};
}

uint64_t Shared(const OptionSections& sections, const std::string& name) {
  const auto section = Section(sections, "shared");
  const auto found = section.find(name);
  return found == section.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 10);
}

std::shared_ptr<rocksdb::Cache> BlockCache(const OptionSections& sections) {
  const uint64_t bytes = Shared(sections, "block_cache_bytes");
  if (Section(sections, "shared")["block_cache_type"] == "lru") return rocksdb::NewLRUCache(bytes);
  return rocksdb::HyperClockCacheOptions(bytes, 0).MakeSharedCache();
}

// From 11.x on, RocksDB hands the database over in a unique_ptr alone.
template <typename Open>
rocksdb::Status OpenInto(std::unique_ptr<rocksdb::DB>* db, Open open) {
  if constexpr (std::is_invocable_v<Open, std::unique_ptr<rocksdb::DB>*>) {
    return open(db);
  } else {
    rocksdb::DB* raw = nullptr;
    rocksdb::Status status = open(&raw);
    db->reset(raw);
    return status;
  }
}

OptionMap Parse(const std::string& text) {
  std::unordered_map<std::string, std::string> map;
  Check(rocksdb::StringToMap(text, &map), "the text of options");
  return {map.begin(), map.end()};
}

}  // namespace

rocksdb::Options BuildOptions(const OptionSections& sections) {
  const rocksdb::ConfigOptions config = Texts();
  rocksdb::DBOptions db;
  Check(GetDBOptionsFromMap(config, rocksdb::DBOptions(), Section(sections, "db"), &db),
        "options of the database");
  rocksdb::BlockBasedTableOptions table;
  Check(GetBlockBasedTableOptionsFromMap(config, rocksdb::BlockBasedTableOptions(),
                                         Section(sections, "table"), &table),
        "options of tables");
  auto family_texts = Section(sections, "columnFamily");
  family_texts.erase("table_factory");
  rocksdb::ColumnFamilyOptions family;
  Check(
      GetColumnFamilyOptionsFromMap(config, rocksdb::ColumnFamilyOptions(), family_texts, &family),
      "options of families");
  table.block_cache = BlockCache(sections);
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  const uint64_t row_cache = Shared(sections, "row_cache_bytes");
  if (row_cache != 0) db.row_cache = rocksdb::NewLRUCache(row_cache);
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  return rocksdb::Options(db, family);
}

void Fail(const std::string& what) {
  std::fprintf(stderr, "bench_limit: %s\n", what.c_str());
  std::exit(1);
}

void Check(const rocksdb::Status& status, const char* what) {
  if (!status.ok()) Fail(std::string(what) + ": " + status.ToString());
}

OptionSections ReadOptionsFile(const std::string& path) {
  OptionSections sections;
  std::ifstream file(path);
  if (!file) Fail("cannot read " + path);
  std::string line;
  while (std::getline(file, line)) {
    const size_t first = line.find('\t');
    const size_t second = line.find('\t', first + 1);
    if (second == std::string::npos) Fail("not an option: " + line);
    sections[line.substr(0, first)][line.substr(first + 1, second - first - 1)] =
        line.substr(second + 1);
  }
  return sections;
}

Database::Database(const std::string& directory, const Settings& settings, Clock* clock) {
  const rocksdb::Options options = BuildOptions(settings.options);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, options);
  for (int i = 0; i < settings.families; ++i) {
    descriptors.emplace_back("family" + std::to_string(i + 1), options);
  }
  const auto open = [&](auto* out) -> decltype(rocksdb::DB::Open(options, directory, descriptors,
                                                                 &families_, out)) {
    return rocksdb::DB::Open(options, directory, descriptors, &families_, out);
  };
  if (clock != nullptr) clock->Start();
  Check(OpenInto(&db_, open), "open");
  if (clock != nullptr) clock->Stop();
  write_.disableWAL = !settings.wal;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
  Check(db_->Close(), "close");
}

void Database::FlushAndCompact() {
  Check(db_->Flush(rocksdb::FlushOptions(), families_), "flush");
  Check(db_->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr), "compact");
}

OptionSections Database::Options() const {
  const rocksdb::ConfigOptions config = Texts();
  const rocksdb::Options options = db_->GetOptions();
  OptionSections sections;
  std::string text;
  Check(GetStringFromDBOptions(config, options, &text), "print options");
  sections["db"] = Parse(text);
  Check(GetStringFromColumnFamilyOptions(config, options, &text), "print options");
  sections["columnFamily"] = Parse(text);
  Check(options.table_factory->GetOptionString(config, &text), "print options");
  sections["table"] = Parse(text);
  const auto* table = options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  sections["shared"]["block_cache_bytes"] = std::to_string(table->block_cache->GetCapacity());
  sections["shared"]["block_cache_type"] =
      table->block_cache->Name() == std::string("LRUCache") ? "lru" : "hyper-clock";
  sections["shared"]["row_cache_bytes"] =
      std::to_string(options.row_cache ? options.row_cache->GetCapacity() : 0);
  return sections;
}

}  // namespace bench
