#include "engine/jobs/data_files.h"

#include <map>
#include <utility>

#include "engine/repair/blob_check.h"
#include "engine/repair/table_check.h"
#include "rocksdb/metadata.h"
#include "rocksdb/table_properties.h"

namespace rocksdb_live {
namespace {

using Properties = std::shared_ptr<const rocksdb::TableProperties>;

const char* NameOf(rocksdb::Temperature temperature) {
  using T = rocksdb::Temperature;
  if (temperature == T::kHot) return "hot";
  if (temperature == T::kWarm) return "warm";
  if (temperature == T::kCold) return "cold";
  // Named since RocksDB 10.2: kCool, kIce.
  if (static_cast<int>(temperature) == 0x0A) return "cool";
  if (static_cast<int>(temperature) == 0x10) return "ice";
  return "unknown";
}

std::string LastPart(const std::string& path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// By name. Empty if one of the tables cannot be read: RocksDB then gives none.
std::map<std::string, Properties> PropertiesOf(const Family& family) {
  std::map<std::string, Properties> by_name;
  rocksdb::TablePropertiesCollection all;
  if (!family.db()->GetPropertiesOfAllTables(family.handle(), &all).ok()) return by_name;
  for (auto& [path, properties] : all) by_name[LastPart(path)] = properties;
  return by_name;
}

DataFile TableOf(const rocksdb::SstFileMetaData& table, int level, const Properties& properties) {
  DataFile file;
  file.name = table.relative_filename;
  file.directory = table.directory;
  file.bytes = table.size;
  file.level = level;
  file.smallest_key = table.smallestkey;
  file.largest_key = table.largestkey;
  file.smallest_sequence = table.smallest_seqno;
  file.largest_sequence = table.largest_seqno;
  file.created_at = table.file_creation_time;
  file.oldest_ancestor_at = table.oldest_ancester_time;
  file.being_compacted = table.being_compacted;
  file.reads = table.num_reads_sampled;
  file.temperature = NameOf(table.temperature);
  if (!properties) return file;
  file.contents = TableContents{properties->num_entries, properties->num_deletions,
                                properties->num_range_deletions, properties->compression_name};
  if (file.created_at == 0) file.created_at = properties->file_creation_time;
  if (file.oldest_ancestor_at == 0) file.oldest_ancestor_at = properties->creation_time;
  return file;
}

DataFile BlobOf(const rocksdb::BlobMetaData& blob) {
  DataFile file;
  file.name = LastPart(blob.blob_file_name);
  file.directory = blob.blob_file_path;
  file.bytes = blob.blob_file_size;
  file.garbage_bytes = blob.garbage_blob_bytes;
  file.blobs = blob.total_blob_count;
  file.garbage_blobs = blob.garbage_blob_count;
  return file;
}

void AddFilesOf(const Family& family, size_t place, std::vector<DataFile>* files) {
  // Before the list: a table that is made in between has no properties here, which is told.
  const std::map<std::string, Properties> properties = PropertiesOf(family);
  rocksdb::ColumnFamilyMetaData state;
  family.db()->GetColumnFamilyMetaData(family.handle(), &state);
  const size_t first = files->size();
  for (const rocksdb::LevelMetaData& level : state.levels) {
    for (const rocksdb::SstFileMetaData& table : level.files) {
      const auto found = properties.find(table.relative_filename);
      files->push_back(
          TableOf(table, level.level, found == properties.end() ? Properties() : found->second));
    }
  }
  for (const rocksdb::BlobMetaData& blob : state.blob_files) files->push_back(BlobOf(blob));
  for (size_t i = first; i < files->size(); ++i) (*files)[i].family = place;
}

}  // namespace

Result<std::vector<DataFile>> ListDataFiles(const std::vector<std::shared_ptr<Family>>& families,
                                            const std::atomic<bool>& canceled) {
  std::vector<DataFile> files;
  for (size_t place = 0; place < families.size(); ++place) {
    if (canceled.load(std::memory_order_acquire)) {
      return Error(Code::kShutdown, "the database is being closed");
    }
    AddFilesOf(*families[place], place, &files);
  }
  return files;
}

Error CheckDataFile(const Family& family, const std::string& path, bool is_blob) {
  // Its file system holds the files of a reader that a writer has deleted since.
  if (!is_blob) return CheckTable(family.db()->GetOptions(family.handle()), path);
  const BlobFacts facts = CheckBlobFile(path, *family.db()->GetFileSystem());
  return facts.whole ? Error() : Error(Code::kCorruption, facts.reason);
}

}  // namespace rocksdb_live
