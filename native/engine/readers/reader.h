// Opens what a reader reads; for a secondary again and again.
//
// A secondary is not RocksDB's own: that one serves rows that were replaced, mixes states, stays
// behind forever after a new family, and crashes on blob files (facebook/rocksdb#12821, #13371,
// #14117, #15051). Here each state is a read-only RocksDB over files that were captured at one
// moment.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/readers/reader_view.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

// The names of the files that its state consists of.
std::set<std::string> LiveFiles(rocksdb::DB* db);

class Reader {
 public:
  using Descriptors = std::vector<rocksdb::ColumnFamilyDescriptor>;
  // The families of the database, as these options find them on the disk.
  using Describe = std::function<Error(const rocksdb::DBOptions& options, Descriptors* families)>;
  using View = std::shared_ptr<const ReaderView>;

  // `options.max_open_files` bounds how many tables and blobs are held; -1 leaves that to the limit
  // of the process. `files` is the database's file system; for `refuse_columns` see wide_columns.h.
  Reader(std::string path, rocksdb::DBOptions options, std::vector<std::string> table_dirs,
         Describe describe, std::shared_ptr<rocksdb::FileSystem> files,
         bool refuse_columns = false);

  // The current state. Returns `current` itself, which may be null, if nothing has changed since.
  // Gives `held` all files of it, if that is not null.
  Result<View> Open(const View& current, HeldFiles* held = nullptr);

 private:
  Result<View> OpenOn(Captured captured, HeldFiles* held);
  Error AfterTries(const Error& error, bool held_tables) const;
  // Whether nothing that a writer does can make it fail.
  bool IsExact(bool held_tables) const;
  std::shared_ptr<Family> NewFamily(const std::shared_ptr<Instance>& instance,
                                    rocksdb::ColumnFamilyHandle* handle);
  uint32_t NumberFor(const std::string& name, uint32_t id);

  const std::string path_;
  const rocksdb::DBOptions options_;
  const std::vector<std::string> table_dirs_;
  const Describe describe_;
  const bool refuse_columns_;
  const std::shared_ptr<rocksdb::FileSystem> files_;
  // RocksDB's number, unless another family had it: a database may be deleted and created again.
  std::map<std::pair<std::string, uint32_t>, uint32_t> numbers_;
};

}  // namespace rocksdb_live
