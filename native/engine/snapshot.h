// A consistent view of the database; released with its last holder.
#pragma once

#include "rocksdb/db.h"

namespace rocksdb_live {

class Snapshot {
 public:
  explicit Snapshot(rocksdb::DB* db) : db_(db), snapshot_(db->GetSnapshot()) {}
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() {
    if (snapshot_ != nullptr) db_->ReleaseSnapshot(snapshot_);
  }

  // Null where the database cannot make one (a secondary instance).
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB* const db_;
  const rocksdb::Snapshot* const snapshot_;
};

}  // namespace rocksdb_live
