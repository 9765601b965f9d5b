// How many files the databases of this process may keep open together.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>

#include "rocksdb/db.h"

namespace rocksdb_live {

// Databases without a number of their own share a budget: what the others leave of it is divided
// evenly among them at every open and close. RocksDB needs at least 20. A database whose limit
// cannot change (read-only, secondary) gets at most half of what is left when it is opened.
class OpenFiles {
 public:
  // Lives as long as the process.
  static OpenFiles& Get();

  struct Claim {
    uint64_t budget = 0;  // to share; 0 if it asked for `files`
    bool adapts = true;
    int64_t files = 0;   // how many it may keep open now
    int64_t opened = 0;  // how many it was opened with
    rocksdb::DB* db = nullptr;
  };
  using Handle = std::list<Claim>::iterator;

  // Call before a database is opened, with `handle->files` as its limit.
  Handle Join(const Claim& claim);
  // Call once it is open: its limit follows its share from now on.
  void Attach(Handle handle, rocksdb::DB* db);
  // Call before it is closed.
  void Leave(Handle handle);
  // Changes the claim. Returns how many files it may keep open.
  int64_t Change(Handle handle, uint64_t budget, int64_t files);

 private:
  void Share();

  std::mutex mutex_;
  std::list<Claim> claims_;
};

}  // namespace rocksdb_live
