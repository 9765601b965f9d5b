// RocksDB's log format (its db/log_format.h), used for MANIFESTs and WALs: records in blocks of 32
// KiB, in parts that each have a checksum.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace rocksdb_live {

// Reads the intact records. After damage it continues with the next block, like RocksDB when it is
// told to skip corrupted records.
class LogFileReader {
 public:
  // `number` is the file's: a part with another number is left over from a recycled file, and ends
  // the reading.
  LogFileReader(const std::string& path, uint64_t number);

  // Returns false at the end.
  bool Next(std::string* record);

  bool opened() const { return opened_; }
  // Skipped bytes, without the half record that a crash leaves at the end.
  uint64_t damaged_bytes() const { return damaged_bytes_; }
  // End of the last returned record, as an offset in the file.
  uint64_t whole_bytes() const { return whole_bytes_; }
  // The file ends within a record, which a crash can cause in the newest file.
  bool torn() const { return torn_; }
  // All records are compressed, so their bytes mean nothing here.
  bool compressed() const { return compressed_; }

 private:
  enum class Part { kFull, kFirst, kMiddle, kLast, kOther, kBad, kEnd };

  Part ReadPart(std::string_view* part);
  bool ReadBlock();
  bool IsRestZero() const;
  Part SkipBlock();
  void DropHalf();

  std::ifstream file_;
  const uint32_t number_;
  bool opened_ = false;
  bool compressed_ = false;
  bool ended_ = false;
  bool torn_ = false;
  bool last_block_ = false;
  uint64_t damaged_bytes_ = 0;
  uint64_t whole_bytes_ = 0;
  uint64_t block_start_ = 0;
  std::string block_;
  size_t at_ = 0;
  std::string half_;  // start of a record whose end has not come yet
  bool in_record_ = false;
};

// Appends records, as in such a file, to a text.
class LogFileWriter {
 public:
  explicit LogFileWriter(std::string* text) : text_(text) {}

  void Add(std::string_view record);

 private:
  void AddPart(unsigned type, std::string_view part);

  std::string* const text_;
  size_t in_block_ = 0;
};

// Append numbers of fixed and variable length in RocksDB's encoding.
void PutFixed(std::string* text, uint64_t value, size_t bytes);
void PutVarint(std::string* text, uint64_t value);
// Prefixed by its length.
void PutString(std::string* text, std::string_view value);

}  // namespace rocksdb_live
