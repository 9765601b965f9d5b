#include "engine/writes/batch_check.h"

#include <array>
#include <iterator>
#include <string>
#include <utility>

namespace rocksdb_live {
namespace {

using rocksdb::Slice;

// What follows the key of a record.
enum class Second : unsigned char { kNone, kValue, kEnd };

struct Kind {
  unsigned char tag;         // of a record of the default family
  unsigned char family_tag;  // of one whose tag the number of its family follows
  Second second;
  bool merges;                                 // means nothing without a merge operator
  void (*append)(rocksdb::WriteBatch* batch);  // cannot fail: it appends to a string
};

// The kinds of records that lib/types/kinds.ts writes, with their tags in db/dbformat.h; in the
// order of BatchRecord::Kind.
constexpr Kind kKinds[] = {
    {0x0, 0x4, Second::kNone, false, [](auto* to) { static_cast<void>(to->Delete(Slice())); }},
    {0x1, 0x5, Second::kValue, false,
     [](auto* to) { static_cast<void>(to->Put(Slice(), Slice())); }},
    {0x2, 0x6, Second::kValue, true,
     [](auto* to) { static_cast<void>(to->Merge(Slice(), Slice())); }},
    {0xF, 0xE, Second::kEnd, false,
     [](auto* to) { static_cast<void>(to->DeleteRange(Slice(), Slice())); }},
};
constexpr size_t kKindCount = std::size(kKinds);

// The kind of each tag, as its index in kKinds; kKindCount if it is unknown.
constexpr std::array<unsigned char, 256> KindsByTag() {
  std::array<unsigned char, 256> kinds{};
  for (unsigned char& kind : kinds) kind = kKindCount;
  for (size_t i = 0; i < kKindCount; ++i) {
    kinds[kKinds[i].tag] = kinds[kKinds[i].family_tag] = static_cast<unsigned char>(i);
  }
  return kinds;
}

constexpr std::array<unsigned char, 256> kKindsByTag = KindsByTag();

class Reader {
 public:
  Reader(const char* at, const char* end) : at_(at), end_(end) {}

  const char* at() const { return at_; }
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
  uint32_t kind = 0;  // index in kKinds
  uint32_t family = 0;
  Slice key;
  Slice second;  // the value, the operand or the end of the range
};

bool ReadRecord(Reader* reader, Record* record) {
  unsigned char tag = 0;
  if (!reader->ReadTag(&tag)) return false;
  record->kind = kKindsByTag[tag];
  if (record->kind == kKindCount) return false;
  const Kind& kind = kKinds[record->kind];
  record->family = 0;
  if (tag == kind.family_tag && !reader->ReadVarint(&record->family)) return false;
  if (!reader->ReadBytes(&record->key)) return false;
  return kind.second == Second::kNone || reader->ReadBytes(&record->second);
}

void AppendVarint(size_t value, std::string* to) {
  for (; value >= 0x80; value >>= 7) to->push_back(static_cast<char>(value | 0x80));
  to->push_back(static_cast<char>(value));
}

void AppendBytes(const Slice& bytes, std::string* to) {
  AppendVarint(bytes.size(), to);
  to->append(bytes.data(), bytes.size());
}

constexpr uint32_t kAllKinds = (1U << kKindCount) - 1;

// Gives access to the bytes of a batch that RocksDB passes out only for reading.
std::string& BytesOf(rocksdb::WriteBatch* batch) { return const_cast<std::string&>(batch->Data()); }

// An empty batch with the content flags for these kinds of records.
rocksdb::WriteBatch MakePrototype(uint32_t kinds) {
  rocksdb::WriteBatch batch;
  for (size_t i = 0; i < kKindCount; ++i) {
    if ((kinds & 1U << i) != 0) kKinds[i].append(&batch);
  }
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
  const Kind& kind = kKinds[record.kind];
  if (kind.merges && !family.has_merge_operator()) {
    return Refuse(Code::kNotSupported, "column family \"" + family.name() +
                                           "\" has no merge operator (rocksdb.columnFamily."
                                           "merge_operator names one)");
  }
  if (family.merge_rule() != nullptr && kind.second == Second::kValue) {
    const std::string problem = ProblemOf(*family.merge_rule(), record.second.size());
    if (!problem.empty()) {
      return Refuse(Code::kInvalidArgument, "column family \"" + family.name() + "\": " + problem);
    }
  }
  if (kind.second == Second::kEnd && record.key.compare(record.second) > 0) {
    return Refuse(Code::kInvalidArgument, "a deleteRange begins after its end");
  }
  return Error();
}

}  // namespace

bool BatchWalk::Next(BatchRecord* record) {
  Reader reader(at_, end_);
  Record read;
  if (!ReadRecord(&reader, &read)) return false;
  at_ = reader.at();
  record->kind = static_cast<BatchRecord::Kind>(read.kind);
  record->family = read.family;
  record->key = read.key;
  record->second = read.second;
  return true;
}

void AppendRecord(const BatchRecord& record, std::string* batch) {
  const Kind& kind = kKinds[static_cast<size_t>(record.kind)];
  batch->push_back(static_cast<char>(record.family == 0 ? kind.tag : kind.family_tag));
  if (record.family != 0) AppendVarint(record.family, batch);
  AppendBytes(record.key, batch);
  if (kind.second != Second::kNone) AppendBytes(record.second, batch);
}

uint32_t BatchCount(const Slice& batch) {
  const auto* at = reinterpret_cast<const unsigned char*>(batch.data()) + 8;
  return at[0] | at[1] << 8 | at[2] << 16 | static_cast<uint32_t>(at[3]) << 24;
}

uint64_t BatchSequence(const Slice& batch) {
  uint64_t sequence = 0;
  for (size_t i = 8; i-- > 0;) sequence = sequence << 8 | static_cast<uint8_t>(batch[i]);
  return sequence;
}

void SetBatchCount(std::string* batch, uint32_t count) {
  for (size_t i = 0; i < 4; ++i) (*batch)[8 + i] = static_cast<char>(count >> (8 * i) & 0xFF);
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
  Reader reader(batch.data() + kBatchHeader, batch.data() + batch.size());
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
    *kinds |= 1U << record.kind;
  }
  if (count != BatchCount(batch)) {
    return Refuse(Code::kInvalidArgument, "the batch's count does not match its records");
  }
  return Error();
}

}  // namespace rocksdb_live
