#include "engine/repair/manifest_edit.h"

#include "engine/files/log_file.h"

namespace rocksdb_live {
namespace {

enum Tag : uint64_t {
  kComparator = 1,
  kLogNumber = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kDeletedFile = 6,
  kNewFile4 = 103,
  kColumnFamily = 200,
  kColumnFamilyAdd = 201,
  kMaxColumnFamily = 203,
  kBlobFileAddition = 400,
};
enum CustomTag : uint64_t { kEndOfFields = 1, kOldestBlobFile = 4, kEpoch = 13 };

constexpr char kBytewise[] = "leveldb.BytewiseComparator";

void Put(std::string* text, uint64_t tag, uint64_t value) {
  PutVarint(text, tag);
  PutVarint(text, value);
}

void PutField(std::string* text, uint64_t tag, uint64_t value) {
  std::string number;
  PutVarint(&number, value);
  PutVarint(text, tag);
  PutString(text, number);
}

void PutComparator(std::string* text) {
  PutVarint(text, kComparator);
  PutString(text, kBytewise);
}

}  // namespace

std::string FirstEdit() {
  std::string text;
  PutComparator(&text);
  Put(&text, kLogNumber, 0);
  return text;
}

std::string NumbersEdit(uint64_t next_file, uint64_t last_sequence, uint32_t highest_family) {
  std::string text;
  Put(&text, kNextFileNumber, next_file);
  Put(&text, kMaxColumnFamily, highest_family);
  Put(&text, kLastSequence, last_sequence);
  return text;
}

std::string FamilyEdit(uint32_t id, const std::string& name) {
  std::string text = FirstEdit();
  Put(&text, kColumnFamily, id);
  PutVarint(&text, kColumnFamilyAdd);
  PutString(&text, name);
  return text;
}

void FilesEdit::RemoveTable(uint64_t level, uint64_t number) {
  PutVarint(&text_, kDeletedFile);
  PutVarint(&text_, level);
  PutVarint(&text_, number);
}

void FilesEdit::AddTable(const TableFacts& table, uint64_t epoch) {
  Put(&text_, kNewFile4, 0);
  PutVarint(&text_, table.number);
  PutVarint(&text_, table.size);
  PutString(&text_, table.smallest);
  PutString(&text_, table.largest);
  PutVarint(&text_, table.smallest_sequence);
  PutVarint(&text_, table.largest_sequence);
  PutField(&text_, kEpoch, epoch);
  if (table.oldest_blob != 0) PutField(&text_, kOldestBlobFile, table.oldest_blob);
  PutVarint(&text_, kEndOfFields);
}

void FilesEdit::AddBlobFile(uint64_t number, const BlobUse& use) {
  Put(&text_, kBlobFileAddition, number);
  PutVarint(&text_, use.count);
  PutVarint(&text_, use.bytes);
  PutString(&text_, "");
  PutString(&text_, "");
  PutVarint(&text_, 0);  // the end of its fields
}

std::string FilesEdit::Finish() const {
  std::string text = text_;
  if (family_ != 0) Put(&text, kColumnFamily, family_);
  return text;
}

}  // namespace rocksdb_live
