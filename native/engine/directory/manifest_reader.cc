#include "engine/directory/manifest_reader.h"

#include <algorithm>
#include <vector>

#include "engine/base/byte_reader.h"

namespace rocksdb_live {
namespace {

// db/log_format.h
constexpr size_t kBlockSize = 32768;
constexpr size_t kHeaderSize = 7;
enum RecordType { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

// db/version_edit.h
enum Tag : uint64_t {
  kComparator = 1,
  kLogNumber = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kCompactCursor = 5,
  kDeletedFile = 6,
  kNewFile = 7,
  kPrevLogNumber = 9,
  kMinLogNumberToKeep = 10,
  kNewFile2 = 100,
  kNewFile3 = 102,
  kNewFile4 = 103,
  kColumnFamily = 200,
  kColumnFamilyAdd = 201,
  kColumnFamilyDrop = 202,
  kMaxColumnFamily = 203,
  kInAtomicGroup = 300,
  kBlobFileAddition = 400,
  kBlobFileGarbage = 401,
  kSafeToIgnore = 1 << 13,
  kDbId = kSafeToIgnore + 1,
  kBlobFileAdditionOld = kSafeToIgnore + 2,
  kBlobFileGarbageOld = kSafeToIgnore + 3,
  kWalAdditionOld = kSafeToIgnore + 4,
  kWalDeletionOld = kSafeToIgnore + 5,
};
enum CustomTag : uint64_t { kEndOfFields = 1, kPathId = 65 };

struct Edit {
  uint32_t family = 0;
  bool added = false;
  bool dropped = false;
  std::string name;
  std::string comparator;
  bool has_log_number = false;
  uint64_t log_number = 0;
  std::vector<uint64_t> deleted;
  std::vector<std::pair<uint64_t, ManifestTable>> tables;  // by number
  uint64_t group_rest = 0;  // records of the current group that are still to come
};

// Parses one MANIFEST, edit by edit.
class EditReader {
 public:
  explicit EditReader(Manifest* manifest) : manifest_(manifest) {
    manifest_->families[0].name = "default";
  }

  // Returns false if it contains something unknown.
  bool Read(std::string_view record) {
    ByteReader in(record);
    Edit edit;
    while (in.ok() && !in.empty()) {
      const uint64_t tag = in.Varint();
      if (tag == kComparator) seen_comparator_ = true;
      if (tag > kPrevLogNumber) seen_others_ = true;
      if (!ReadNumber(tag, &in, &edit) && !ReadFile(tag, &in, &edit)) return false;
    }
    if (!in.ok()) return false;
    manifest_->unfinished_records = edit.group_rest == 0 ? 0 : manifest_->unfinished_records + 1;
    Apply(edit);
    return true;
  }

  bool leveldb() const { return seen_comparator_ && !seen_others_; }

 private:
  bool ReadNumber(uint64_t tag, ByteReader* in, Edit* edit) {
    switch (tag) {
      case kComparator:
        edit->comparator = in->String();
        return true;
      case kLogNumber:
        edit->has_log_number = true;
        edit->log_number = in->Varint();
        return true;
      case kNextFileNumber:
        manifest_->next_file_number = in->Varint();
        return true;
      case kLastSequence:
        manifest_->last_sequence = in->Varint();
        return true;
      case kPrevLogNumber:
      case kMinLogNumberToKeep:
      case kMaxColumnFamily:
        manifest_->highest_family = std::max(manifest_->highest_family, in->Varint());
        return true;
      case kInAtomicGroup:
        edit->group_rest = in->Varint();
        return true;
      case kColumnFamily:
        edit->family = static_cast<uint32_t>(in->Varint());
        return true;
      case kColumnFamilyAdd:
        edit->added = true;
        edit->name = in->String();
        return true;
      case kColumnFamilyDrop:
        edit->dropped = true;
        return true;
      case kDbId:
        manifest_->database_id = in->String();
        return true;
      default:
        return false;
    }
  }

  bool ReadFile(uint64_t tag, ByteReader* in, Edit* edit) {
    switch (tag) {
      case kCompactCursor:
        in->Varint();
        in->String();
        return true;
      case kDeletedFile:
        in->Varint();
        edit->deleted.push_back(in->Varint());
        return true;
      case kNewFile:
      case kNewFile2:
      case kNewFile3:
      case kNewFile4:
        return ReadTable(tag, in, edit);
      case kBlobFileAddition:
      case kBlobFileAdditionOld:
        return ReadBlob(in);
      case kBlobFileGarbage:
      case kBlobFileGarbageOld:
        for (int i = 0; i < 3; ++i) in->Varint();
        return SkipFields(in);
      case kWalAdditionOld:
      case kWalDeletionOld:
        return false;
      default:
        if ((tag & kSafeToIgnore) == 0) return false;
        in->String();
        return true;
    }
  }

  bool ReadTable(uint64_t tag, ByteReader* in, Edit* edit) {
    ManifestTable table;
    table.level = in->Varint();
    const uint64_t number = in->Varint();
    if (tag == kNewFile3) table.path_id = in->Varint();
    table.size = in->Varint();
    in->String();  // its smallest key, and its largest
    in->String();
    if (tag != kNewFile) {
      in->Varint();  // its smallest sequence number
      table.largest_sequence = in->Varint();
    }
    while (tag == kNewFile4 && in->ok()) {
      const uint64_t field = in->Varint();
      if (field == kEndOfFields) break;
      const std::string_view value = in->String();
      if (field == kPathId && value.size() == 1) {
        table.path_id = static_cast<unsigned char>(value[0]);
      }
    }
    edit->tables.emplace_back(number, table);
    return in->ok();
  }

  bool ReadBlob(ByteReader* in) {
    const uint64_t number = in->Varint();
    in->Varint();  // their number and bytes
    in->Varint();
    in->String();  // checksum method and value
    in->String();
    if (!SkipFields(in)) return false;
    manifest_->blobs.insert(number);
    return true;
  }

  static bool SkipFields(ByteReader* in) {
    while (in->ok() && in->Varint() != 0) in->String();
    return in->ok();
  }

  void Apply(const Edit& edit) {
    if (edit.dropped) {
      manifest_->families.erase(edit.family);
      manifest_->dropped.insert(edit.family);
      auto& tables = manifest_->tables;
      for (auto table = tables.begin(); table != tables.end();) {
        table = table->second.family == edit.family ? tables.erase(table) : std::next(table);
      }
      return;
    }
    const auto known = manifest_->families.find(edit.family);
    if (known == manifest_->families.end() && !edit.added) return;
    ManifestFamily& family = manifest_->families[edit.family];
    if (edit.added) family.name = edit.name;
    if (!edit.comparator.empty()) family.comparator = edit.comparator;
    if (edit.has_log_number) family.log_number = std::max(family.log_number, edit.log_number);
    for (const uint64_t number : edit.deleted) manifest_->tables.erase(number);
    for (const auto& [number, table] : edit.tables) {
      manifest_->tables[number] = table;
      manifest_->tables[number].family = edit.family;
      manifest_->named_tables.insert(number);
      uint64_t& flushed = manifest_->flushed[edit.family];
      flushed = std::max(flushed, table.largest_sequence);
    }
  }

  Manifest* const manifest_;
  bool seen_comparator_ = false;
  bool seen_others_ = false;
};

}  // namespace

bool Manifest::IsDropped(uint32_t family) const {
  if (family == 0 || families.count(family) != 0) return false;
  return dropped.count(family) != 0 || family <= highest_family;
}

uint64_t Manifest::NewestLogNumber() const {
  uint64_t newest = 0;
  for (const auto& [id, family] : families) newest = std::max(newest, family.log_number);
  return newest;
}

Manifest ParseManifest(uint64_t number, std::string_view bytes) {
  Manifest manifest;
  manifest.number = number;
  manifest.size = bytes.size();
  EditReader reader(&manifest);
  size_t records = 0;
  std::string record;  // of more than one fragment
  size_t at = 0;
  while (at < bytes.size()) {
    const size_t left_in_block = kBlockSize - at % kBlockSize;
    if (left_in_block < kHeaderSize) {
      at += left_in_block;
      continue;
    }
    ByteReader in(bytes.substr(at));
    in.Bytes(4);  // the checksum
    const uint64_t length = in.Fixed(2);
    const uint64_t type = in.Fixed(1);
    const std::string_view fragment = in.Bytes(length);
    if (!in.ok() || type == kZero) break;  // half a record, or preallocated space
    if (type > kLast || length + kHeaderSize > left_in_block) return manifest;
    if (type == kFull || type == kFirst) record.clear();
    record += fragment;
    at += kHeaderSize + fragment.size();
    if (type != kFull && type != kLast) continue;
    if (!reader.Read(record)) return manifest;
    ++records;
  }
  manifest.end = std::min(at, bytes.size());
  manifest.whole = records != 0;
  manifest.leveldb = manifest.whole && reader.leveldb();
  return manifest;
}

}  // namespace rocksdb_live
