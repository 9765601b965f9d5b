// RocksDB's log format (its db/log_format.h), in which MANIFESTs and WALs are written: records in
// blocks of 32 KiB, each part of one with a checksum.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace rocksdb_live {

// Reads the records that are sound. Behind damage it goes on with the next block, as RocksDB does
// where it is told to skip what is corrupted.
class LogFileReader {
 public:
  // `number` is the file's: parts with another one are left over from a recycled file, and end it.
  LogFileReader(const std::string& path, uint64_t number);

  // False at the end.
  bool Next(std::string* record);

  bool opened() const { return opened_; }
  // Bytes that were skipped: not the half record that a crash leaves at the end.
  uint64_t damaged_bytes() const { return damaged_bytes_; }
  // Where the last record that was given ends in the file.
  uint64_t whole_bytes() const { return whole_bytes_; }
  // It ends within a record: a crash leaves the newest file so.
  bool torn() const { return torn_; }
  // Records are compressed, all of them: their bytes say nothing.
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
  std::string half_;  // of a record whose end has not come yet
  bool in_record_ = false;
};

// Appends records to a text that becomes such a file.
class LogFileWriter {
 public:
  explicit LogFileWriter(std::string* text) : text_(text) {}

  void Add(std::string_view record);

 private:
  void AddPart(unsigned type, std::string_view part);

  std::string* const text_;
  size_t in_block_ = 0;
};

// The end of a record as RocksDB's coding has it: numbers of a fixed and of a variable length.
void PutFixed(std::string* text, uint64_t value, size_t bytes);
void PutVarint(std::string* text, uint64_t value);
// With its length in front.
void PutString(std::string* text, std::string_view value);

}  // namespace rocksdb_live
