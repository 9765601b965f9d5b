#include "engine/repair/table_check.h"

#include <algorithm>
#include <memory>

#include "engine/base/byte_reader.h"
#include "engine/files/log_file.h"
#include "rocksdb/comparator.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/table_properties.h"
#include "rocksdb/utilities/types_util.h"

namespace rocksdb_live {
namespace {

using rocksdb::Iterator;
using rocksdb::ParsedEntryInfo;
using rocksdb::Slice;
using rocksdb::SstFileReader;
using rocksdb::Status;

// An internal key ends with 8 bytes: sequence number and type.
constexpr uint64_t kMaxSequence = (uint64_t{1} << 56) - 1;
constexpr uint64_t kTypeRangeDeletion = 0xF;
// Sorts after any user's key: none begins with so long a run of the highest byte.
constexpr size_t kHighestKey = 8192;

std::string InternalKey(const std::string& user_key, uint64_t sequence, uint64_t type) {
  std::string key = user_key;
  PutFixed(&key, sequence << 8 | type, 8);
  return key;
}

bool Parse(const rocksdb::Options& options, const Slice& key, ParsedEntryInfo* entry) {
  return rocksdb::ParseEntry(key, options.comparator, entry).ok();
}

void Note(const Slice& key, const ParsedEntryInfo& entry, const Slice& value, TableFacts* facts) {
  if (facts->rows == 0) {
    facts->smallest = key.ToString();
    facts->smallest_sequence = entry.sequence;
  }
  facts->largest.assign(key.data(), key.size());
  facts->smallest_sequence = std::min(facts->smallest_sequence, entry.sequence);
  facts->largest_sequence = std::max(facts->largest_sequence, entry.sequence);
  ++facts->rows;
  BlobPlace place;
  if (entry.type != rocksdb::kEntryBlobIndex || !ReadBlobPlace(value, &place)) return;
  if (facts->oldest_blob == 0 || place.file < facts->oldest_blob) facts->oldest_blob = place.file;
}

}  // namespace

bool ReadBlobPlace(const Slice& value, BlobPlace* place) {
  // db/blob/blob_index.h
  constexpr uint64_t kBlob = 1;
  constexpr uint64_t kBlobWithTtl = 2;
  ByteReader in(std::string_view(value.data(), value.size()));
  const uint64_t type = in.Fixed(1);
  if (type != kBlob && type != kBlobWithTtl) return false;
  if (type == kBlobWithTtl) in.Varint();
  place->file = in.Varint();
  place->offset = in.Varint();
  place->size = in.Varint();
  return in.ok() && place->file != 0;
}

Error CheckTable(const rocksdb::Options& options, const std::string& path) {
  SstFileReader reader(options);
  Status status = reader.Open(path);
  if (status.ok()) status = reader.VerifyChecksum();
  if (status.ok()) {
    // The checksums cover compressed bytes: reading a row shows whether they can be decompressed.
    const std::unique_ptr<Iterator> first = reader.NewTableIterator();
    first->SeekToFirst();
    status = first->status();
  }
  return Error::From(status);
}

Error ReadTableProperties(const rocksdb::Options& options, const std::string& path,
                          TableFacts* facts) {
  SstFileReader reader(options);
  const Status status = reader.Open(path);
  if (!status.ok()) return Error::From(status);
  const auto properties = reader.GetTableProperties();
  if (!properties) return Error(Code::kCorruption, "it has no properties");
  // Tables of old versions do not record their family: they belong to the default one.
  constexpr uint64_t kUnknownFamily = 0x7fffffff;
  const bool unknown = properties->column_family_id == kUnknownFamily;
  facts->says_family = !unknown;
  facts->family = unknown ? 0 : static_cast<uint32_t>(properties->column_family_id);
  facts->family_name = unknown ? "default" : properties->column_family_name;
  facts->comparator = properties->comparator_name;
  facts->range_deletions = properties->num_range_deletions;
  facts->rows = properties->num_entries - properties->num_range_deletions;
  return Error();
}

Error ReadTableFacts(const rocksdb::Options& options, const std::string& path, TableFacts* facts) {
  Error error = ReadTableProperties(options, path, facts);
  if (!error.ok()) return error;
  facts->rows = 0;
  SstFileReader reader(options);
  Status status = reader.Open(path);
  if (!status.ok()) return Error::From(status);
  const std::unique_ptr<Iterator> entries = reader.NewTableIterator();
  for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
    ParsedEntryInfo entry;
    if (!Parse(options, entries->key(), &entry)) {
      return Error(Code::kCorruption, "it has a key that is none");
    }
    Note(entries->key(), entry, entries->value(), facts);
  }
  if (facts->range_deletions != 0) {
    // No public call tells which ranges were deleted, so this assumes all keys. The next compaction
    // narrows that to the real ones.
    facts->smallest = InternalKey("", kMaxSequence, kTypeRangeDeletion);
    facts->largest =
        InternalKey(std::string(kHighestKey, '\xff'), kMaxSequence, kTypeRangeDeletion);
  }
  return Error::From(entries->status());
}

uint64_t SalvageTable(const rocksdb::Options& options, const std::string& path,
                      const TableEntry& entry) {
  SstFileReader reader(options);
  if (!reader.Open(path).ok()) return 0;
  uint64_t found = 0;
  std::string last;
  const auto give = [&](const Iterator& at) {
    ParsedEntryInfo parsed;
    if (!Parse(options, at.key(), &parsed)) return;
    entry(parsed, at.value());
    ++found;
  };
  std::unique_ptr<Iterator> entries = reader.NewTableIterator();
  for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
    last.assign(entries->key().data(), entries->key().size());
    give(*entries);
  }
  if (entries->status().ok()) return found;
  entries = reader.NewTableIterator();
  for (entries->SeekToLast(); entries->Valid(); entries->Prev()) {
    if (entries->key() == Slice(last)) break;
    give(*entries);
  }
  return found;
}

}  // namespace rocksdb_live
