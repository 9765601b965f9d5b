// The database of the limit program, opened with RocksDB's options as another program printed them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clock.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace bench {

using OptionMap = std::map<std::string, std::string>;

// RocksDB's own names and texts: sections "db", "columnFamily", "table" and "shared".
using OptionSections = std::map<std::string, OptionMap>;

// Reads lines of section, name and text with tabs between.
OptionSections ReadOptionsFile(const std::string& path);

struct Settings {
  OptionSections options;
  bool wal = true;
  int families = 0;  // beside the first
};

// RocksDB's options for what was read from the file.
rocksdb::Options BuildOptions(const OptionSections& sections);

// Ends the program where the status is none.
void Check(const rocksdb::Status& status, const char* what);
[[noreturn]] void Fail(const std::string& what);

class Database {
 public:
  // `clock`, where it is given, runs while RocksDB opens: not while texts are read as options.
  Database(const std::string& directory, const Settings& settings, Clock* clock = nullptr);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB* operator->() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* family(size_t i) const { return families_[i]; }
  const rocksdb::WriteOptions& write() const { return write_; }

  void FlushAndCompact();
  OptionSections Options() const;

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  rocksdb::WriteOptions write_;
};

}  // namespace bench
