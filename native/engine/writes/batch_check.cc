#include "engine/writes/batch_check.h"

#include <array>
#include <string>
#include <utility>

namespace rocksdb_live {
namespace {

using rocksdb::Slice;

// The record tags of db/dbformat.h that lib/batch.ts writes.
enum Tag : unsigned char {
  kDeletion = 0x0,
  kValue = 0x1,
  kMerge = 0x2,
  kFamilyDeletion = 0x4,
  kFamilyValue = 0x5,
  kFamilyMerge = 0x6,
  kFamilyRangeDeletion = 0xE,
  kRangeDeletion = 0xF,
};

class Reader {
 public:
  explicit Reader(const Slice& batch)
      : at_(batch.data() + kBatchHeader), end_(batch.data() + batch.size()) {}

  bool done() const { return at_ == end_; }
  bool ReadTag(unsigned char* tag) {
    if (at_ == end_) return false;
    *tag = static_cast<unsigned char>(*at_++);
    return true;
  }
  bool ReadVarint(uint32_t* value) {
    uint32_t result = 0;
    for (unsigned shift = 0; shift <= 28 && at_ < end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      result |= static_cast<uint32_t>(byte & 0x7F) << shift;
      if (byte < 0x80) {
        *value = result;
        return true;
      }
    }
    return false;
  }
  bool ReadBytes(Slice* bytes) {
    uint32_t length = 0;
    if (!ReadVarint(&length) || length > static_cast<size_t>(end_ - at_)) return false;
    *bytes = Slice(at_, length);
    at_ += length;
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

struct Record {
  unsigned char tag = 0;
  uint32_t family = 0;
  Slice key;
  Slice second;  // the value, the operand or the end of the range
};

bool HasFamily(unsigned char tag) {
  return tag == kFamilyValue || tag == kFamilyDeletion || tag == kFamilyMerge ||
         tag == kFamilyRangeDeletion;
}

bool HasSecond(unsigned char tag) { return tag != kDeletion && tag != kFamilyDeletion; }

bool IsKnown(unsigned char tag) {
  return tag <= kMerge || (tag >= kFamilyDeletion && tag <= kFamilyMerge) ||
         tag == kFamilyRangeDeletion || tag == kRangeDeletion;
}

bool ReadRecord(Reader* reader, Record* record) {
  if (!reader->ReadTag(&record->tag) || !IsKnown(record->tag)) return false;
  record->family = 0;
  if (HasFamily(record->tag) && !reader->ReadVarint(&record->family)) return false;
  if (!reader->ReadBytes(&record->key)) return false;
  return !HasSecond(record->tag) || reader->ReadBytes(&record->second);
}

uint32_t KindOf(unsigned char tag) {
  switch (tag) {
    case kDeletion:
    case kFamilyDeletion:
      return kDeletes;
    case kMerge:
    case kFamilyMerge:
      return kMerges;
    case kRangeDeletion:
    case kFamilyRangeDeletion:
      return kRangeDeletes;
    default:
      return kPuts;
  }
}

constexpr uint32_t kAllKinds = kPuts | kDeletes | kMerges | kRangeDeletes;

// The bytes of a batch of ours: RocksDB gives them out to be read.
std::string& BytesOf(rocksdb::WriteBatch* batch) { return const_cast<std::string&>(batch->Data()); }

// An empty batch that knows of itself that it has records of these kinds.
rocksdb::WriteBatch MakePrototype(uint32_t kinds) {
  rocksdb::WriteBatch batch;
  // None of these can fail: they append to a string.
  if ((kinds & kPuts) != 0) static_cast<void>(batch.Put(Slice(), Slice()));
  if ((kinds & kDeletes) != 0) static_cast<void>(batch.Delete(Slice()));
  if ((kinds & kMerges) != 0) static_cast<void>(batch.Merge(Slice(), Slice()));
  if ((kinds & kRangeDeletes) != 0) static_cast<void>(batch.DeleteRange(Slice(), Slice()));
  BytesOf(&batch).assign(kBatchHeader, '\0');
  return batch;
}

using Prototypes = std::array<rocksdb::WriteBatch, kAllKinds + 1>;

const Prototypes* MakePrototypes() {
  auto* const prototypes = new Prototypes();
  for (uint32_t kinds = 0; kinds <= kAllKinds; ++kinds) (*prototypes)[kinds] = MakePrototype(kinds);
  return prototypes;
}

Error Refuse(Code code, const std::string& what) { return Error(code, what, Outcome::kNotApplied); }

Error CheckMeaning(const Record& record, const Family& family) {
  const bool is_merge = record.tag == kMerge || record.tag == kFamilyMerge;
  if (is_merge && !family.has_merge_operator()) {
    return Refuse(Code::kNotSupported, "column family \"" + family.name() +
                                           "\" has no merge operator (rocksdb.columnFamily."
                                           "merge_operator names one)");
  }
  if (family.merge_rule() != nullptr && (KindOf(record.tag) & (kPuts | kMerges)) != 0) {
    const std::string problem = ProblemOf(*family.merge_rule(), record.second.size());
    if (!problem.empty()) {
      return Refuse(Code::kInvalidArgument, "column family \"" + family.name() + "\": " + problem);
    }
  }
  const bool is_range = record.tag == kRangeDeletion || record.tag == kFamilyRangeDeletion;
  if (is_range && record.key.compare(record.second) > 0) {
    return Refuse(Code::kInvalidArgument, "a deleteRange begins after its end");
  }
  return Error();
}

}  // namespace

uint32_t BatchCount(const Slice& batch) {
  const auto* at = reinterpret_cast<const unsigned char*>(batch.data()) + 8;
  return at[0] | at[1] << 8 | at[2] << 16 | static_cast<uint32_t>(at[3]) << 24;
}

rocksdb::WriteBatch MakeWriteBatch(std::string batch, uint32_t kinds) {
  static const Prototypes* const prototypes = MakePrototypes();
  rocksdb::WriteBatch made((*prototypes)[kinds & kAllKinds]);
  BytesOf(&made) = std::move(batch);
  return made;
}

Error CheckBatch(const Slice& batch, const FindFamily& find, uint32_t* kinds) {
  *kinds = 0;
  if (batch.size() < kBatchHeader) return Refuse(Code::kInvalidArgument, "batch without a header");
  Reader reader(batch);
  Record record;
  const Family* family = nullptr;
  uint32_t count = 0;
  for (; !reader.done(); ++count) {
    if (!ReadRecord(&reader, &record)) {
      return Refuse(Code::kInvalidArgument,
                    "record " + std::to_string(count) + " of the batch is malformed");
    }
    if (family == nullptr || family->id() != record.family) family = find(record.family);
    if (family == nullptr) {
      return Refuse(Code::kDropped, "record " + std::to_string(count) +
                                        " of the batch is for a column family that was dropped "
                                        "or never existed (number " +
                                        std::to_string(record.family) + ")");
    }
    Error error = CheckMeaning(record, *family);
    if (!error.ok()) return error;
    *kinds |= KindOf(record.tag);
  }
  if (count != BatchCount(batch)) {
    return Refuse(Code::kInvalidArgument, "the batch's count does not match its records");
  }
  return Error();
}

}  // namespace rocksdb_live
