#include "engine/files/log_file.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/byte_reader.h"
#include "engine/base/crc32c.h"

namespace rocksdb_live {
namespace {

constexpr size_t kBlockSize = 32768;
constexpr size_t kHeaderSize = 7;
constexpr size_t kRecyclableHeaderSize = 11;

// db/log_format.h
enum RecordType : unsigned {
  kZero = 0,
  kFull = 1,
  kFirst = 2,
  kMiddle = 3,
  kLast = 4,
  kRecyclableFull = 5,
  kRecyclableLast = 8,
  kSetCompression = 9,
  kRecyclableTimestampSize = 11,
  kRecyclableWalInfo = 131,
};

bool IsRecyclable(unsigned type) {
  return (type >= kRecyclableFull && type <= kRecyclableLast) || type == kRecyclableTimestampSize ||
         type == kRecyclableWalInfo;
}

}  // namespace

LogFileReader::LogFileReader(const std::string& path, uint64_t number)
    : file_(std::filesystem::u8path(path), std::ios::binary),
      number_(static_cast<uint32_t>(number)) {
  opened_ = file_.is_open();
  ended_ = !opened_;
}

bool LogFileReader::ReadBlock() {
  if (last_block_) return false;
  block_start_ += block_.size();
  block_.resize(kBlockSize);
  file_.read(block_.data(), kBlockSize);
  block_.resize(static_cast<size_t>(file_.gcount()));
  last_block_ = block_.size() < kBlockSize;
  at_ = 0;
  return !block_.empty();
}

bool LogFileReader::IsRestZero() const {
  return std::all_of(block_.begin() + static_cast<std::ptrdiff_t>(at_), block_.end(),
                     [](char c) { return c == 0; });
}

LogFileReader::Part LogFileReader::SkipBlock() {
  damaged_bytes_ += block_.size() - at_;
  at_ = block_.size();
  return Part::kBad;
}

LogFileReader::Part LogFileReader::ReadPart(std::string_view* part) {
  if (block_.size() - at_ < kHeaderSize && !ReadBlock()) return Part::kEnd;
  if (block_.size() < kHeaderSize) {  // half a header
    torn_ = true;
    return Part::kEnd;
  }
  ByteReader in(std::string_view(block_).substr(at_));
  const auto crc = static_cast<uint32_t>(in.Fixed(4));
  const auto length = static_cast<size_t>(in.Fixed(2));
  const auto type = static_cast<unsigned>(in.Fixed(1));
  // Preallocated space, or what a crash has left unwritten.
  if (type == kZero && length == 0 && IsRestZero()) {
    at_ = block_.size();
    return Part::kOther;
  }
  const size_t header = IsRecyclable(type) ? kRecyclableHeaderSize : kHeaderSize;
  if (at_ + header + length > block_.size()) {
    torn_ = last_block_;
    return torn_ ? Part::kEnd : SkipBlock();
  }
  const char* const checked = block_.data() + at_ + kHeaderSize - 1;  // starting with the type
  if (crc32c::Unmask(crc) != crc32c::Value(checked, header - kHeaderSize + 1 + length)) {
    return SkipBlock();
  }
  if (header == kRecyclableHeaderSize && in.Fixed(4) != number_) return Part::kEnd;
  *part = std::string_view(block_).substr(at_ + header, length);
  at_ += header + length;
  if (type == kSetCompression) compressed_ = true;
  if (type >= kFull && type <= kLast) return static_cast<Part>(type - kFull);
  if (type >= kRecyclableFull && type <= kRecyclableLast) {
    return static_cast<Part>(type - kRecyclableFull);
  }
  return Part::kOther;
}

void LogFileReader::DropHalf() {
  if (in_record_) damaged_bytes_ += half_.size();
  in_record_ = false;
  half_.clear();
}

bool LogFileReader::Next(std::string* record) {
  std::string_view part;
  while (!ended_) {
    switch (ReadPart(&part)) {
      case Part::kEnd:
        ended_ = true;
        torn_ = torn_ || in_record_;
        break;
      case Part::kBad:
        DropHalf();
        break;
      case Part::kFull:
        DropHalf();
        record->assign(part);
        whole_bytes_ = block_start_ + at_;
        return true;
      case Part::kFirst:
        DropHalf();
        half_ = part;
        in_record_ = true;
        break;
      case Part::kMiddle:
        if (in_record_)
          half_ += part;
        else
          damaged_bytes_ += part.size();
        break;
      case Part::kLast:
        if (!in_record_) {
          damaged_bytes_ += part.size();
          break;
        }
        half_ += part;
        record->swap(half_);
        half_.clear();
        in_record_ = false;
        whole_bytes_ = block_start_ + at_;
        return true;
      case Part::kOther:
        break;
    }
  }
  return false;
}

void LogFileWriter::AddPart(unsigned type, std::string_view part) {
  std::string checked(1, static_cast<char>(type));
  checked += part;
  PutFixed(text_, crc32c::Mask(crc32c::Value(checked.data(), checked.size())), 4);
  PutFixed(text_, part.size(), 2);
  *text_ += checked;
  in_block_ += kHeaderSize + part.size();
}

void LogFileWriter::Add(std::string_view record) {
  bool first = true;
  do {
    size_t left = kBlockSize - in_block_ % kBlockSize;
    if (left < kHeaderSize) {
      text_->append(left, '\0');
      in_block_ += left;
      left = kBlockSize;
    }
    const std::string_view part = record.substr(0, left - kHeaderSize);
    record.remove_prefix(part.size());
    const unsigned last = record.empty() ? kLast : kMiddle;
    AddPart(first ? (record.empty() ? kFull : kFirst) : last, part);
    first = false;
  } while (!record.empty());
}

void PutFixed(std::string* text, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) *text += static_cast<char>(value >> (8 * i) & 0xFF);
}

void PutVarint(std::string* text, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *text += static_cast<char>((value & 0x7F) | 0x80);
  *text += static_cast<char>(value);
}

void PutString(std::string* text, std::string_view value) {
  PutVarint(text, value.size());
  *text += value;
}

}  // namespace rocksdb_live
