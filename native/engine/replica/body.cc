#include "engine/replica/body.h"

#include "engine/base/byte_reader.h"
#include "engine/writes/batch_check.h"

namespace rocksdb_live {
namespace {

constexpr uint32_t kPlaceVersion = 1;

template <typename Number>
void AppendNumber(Number value, std::string* to) {
  for (size_t i = 0; i < sizeof value; ++i) to->push_back(static_cast<char>(value >> (8 * i)));
}

void AppendText(const std::string& text, std::string* to) {
  AppendFixed32(static_cast<uint32_t>(text.size()), to);
  to->append(text);
}

std::string_view ReadText(ByteReader* reader) { return reader->Bytes(reader->Fixed(4)); }

Error Damaged(const std::string& what) {
  return Error(Code::kCorruption, "a record of the replica's log is damaged: " + what);
}

// The numbers of a commit's families here; by the writer's numbers.
Result<std::map<uint32_t, uint32_t>> NumbersOf(const Body& body, const FindNumber& find) {
  std::map<uint32_t, uint32_t> numbers;
  for (const auto& [id, view] : body.families) {
    const std::string name(view);
    uint32_t number = 0;
    if (!find(name, &number)) {
      return Error(Code::kReplicaMismatch,
                   "the replica's log writes to column family \"" + name + "\", which is not here");
    }
    numbers[id] = number;
  }
  return numbers;
}

}  // namespace

void AppendFixed32(uint32_t value, std::string* to) { AppendNumber(value, to); }
void AppendFixed64(uint64_t value, std::string* to) { AppendNumber(value, to); }

std::string PackPosition(const ReplicaPosition& position) {
  std::string row;
  AppendFixed32(kPlaceVersion, &row);
  AppendFixed64(position.log_id, &row);
  AppendFixed64(position.epoch, &row);
  AppendFixed64(position.sequence, &row);
  AppendFixed64(position.ordinal, &row);
  return row;
}

bool UnpackPosition(std::string_view row, ReplicaPosition* position) {
  ByteReader reader(row);
  if (reader.Fixed(4) != kPlaceVersion) return false;
  position->log_id = reader.Fixed(8);
  position->epoch = reader.Fixed(8);
  position->sequence = reader.Fixed(8);
  position->ordinal = reader.Fixed(8);
  return reader.ok() && reader.empty();
}

void AppendPut(uint32_t family, std::string_view key, std::string_view value, std::string* batch) {
  BatchRecord record;
  record.kind = BatchRecord::Kind::kPut;
  record.family = family;
  record.key = rocksdb::Slice(key.data(), key.size());
  record.second = rocksdb::Slice(value.data(), value.size());
  AppendRecord(record, batch);
  SetBatchCount(batch, BatchCount(*batch) + 1);
}

std::string CommitHead(const FamilyNames& names) {
  std::string head(1, static_cast<char>(BodyKind::kCommit));
  AppendFixed32(static_cast<uint32_t>(names.size()), &head);
  for (const auto& [id, name] : names) {
    AppendFixed32(id, &head);
    AppendText(name, &head);
  }
  return head;
}

std::string CreateBody(const std::string& name, const std::string& nature) {
  std::string body(1, static_cast<char>(BodyKind::kCreateFamily));
  AppendText(name, &body);
  AppendText(nature, &body);
  return body;
}

std::string DropBody(const std::string& name) {
  std::string body(1, static_cast<char>(BodyKind::kDropFamily));
  AppendText(name, &body);
  return body;
}

Result<Body> ReadBody(std::string_view bytes) {
  ByteReader reader(bytes);
  Body body;
  const uint64_t kind = reader.Fixed(1);
  if (!reader.ok() || kind > static_cast<uint64_t>(BodyKind::kDropFamily)) {
    return Damaged("it is of an unknown kind (" + std::to_string(kind) +
                   "); a newer version may have written it");
  }
  body.kind = static_cast<BodyKind>(kind);
  if (body.kind == BodyKind::kCommit) {
    const uint64_t count = reader.Fixed(4);
    for (uint64_t i = 0; i < count && reader.ok(); ++i) {
      const auto id = static_cast<uint32_t>(reader.Fixed(4));
      body.families.emplace_back(id, ReadText(&reader));
    }
    body.batch = reader.rest();
    if (!reader.ok() || body.batch.size() < kBatchHeader) return Damaged("it is cut short");
    return body;
  }
  body.name = ReadText(&reader);
  if (body.kind == BodyKind::kCreateFamily) body.nature = ReadText(&reader);
  if (!reader.ok() || !reader.empty() || body.name.empty()) return Damaged("it is cut short");
  return body;
}

Error AppendTranslated(const Body& body, const FindNumber& find, std::string* to) {
  const Result<std::map<uint32_t, uint32_t>> numbers = NumbersOf(body, find);
  if (!numbers.ok()) return numbers.error;
  const size_t before = to->size();
  const uint32_t count_before = to->empty() ? 0 : BatchCount(*to);
  if (to->empty()) to->assign(kBatchHeader, '\0');
  const rocksdb::Slice batch(body.batch.data(), body.batch.size());
  BatchWalk walk(batch);
  BatchRecord record;
  uint32_t count = 0;
  bool known = true;
  auto number = numbers.value.end();
  for (; known && walk.Next(&record); ++count) {
    if (number == numbers.value.end() || number->first != record.family) {
      number = numbers.value.find(record.family);
    }
    known = number != numbers.value.end();
    if (!known) break;
    record.family = number->second;
    AppendRecord(record, to);
  }
  if (!known || walk.at() != batch.data() + batch.size() || count != BatchCount(batch)) {
    to->resize(before);
    return Damaged("what it writes cannot be read");
  }
  SetBatchCount(to, count_before + count);
  return Error();
}

}  // namespace rocksdb_live
