// The files that the databases of this process may keep open, together.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>

#include "rocksdb/db.h"

namespace rocksdb_live {

// Databases that ask for no number of their own share a budget: what those with a number leave of
// it is divided evenly among them, at every open and close. RocksDB takes no less than 20. A
// database that cannot be told anew (read-only, secondary) takes no more than half of what is left
// when it is opened.
class OpenFiles {
 public:
  // Lives as long as the process.
  static OpenFiles& Get();

  struct Claim {
    uint64_t budget = 0;  // to share; 0: `files` was asked for
    bool adapts = true;
    int64_t files = 0;   // what it may keep open now
    int64_t opened = 0;  // what it was opened with
    rocksdb::DB* db = nullptr;
  };
  using Handle = std::list<Claim>::iterator;

  // Before a database is opened: `handle->files` is what it is opened with.
  Handle Join(const Claim& claim);
  // It is open: from now on it is told of its share.
  void Attach(Handle handle, rocksdb::DB* db);
  // Before it is closed.
  void Leave(Handle handle);
  // It asks for something else. Returns what it may keep open.
  int64_t Change(Handle handle, uint64_t budget, int64_t files);

 private:
  void Share();

  std::mutex mutex_;
  std::list<Claim> claims_;
};

}  // namespace rocksdb_live
