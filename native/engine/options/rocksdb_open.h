// RocksDB's own opening, of any version.
#pragma once

#include <memory>
#include <type_traits>

#include "rocksdb/db.h"

namespace rocksdb_live {

// Since 10.x RocksDB returns the database in a unique_ptr; before, in a plain pointer.
template <typename Open>
rocksdb::Status OpenInto(std::unique_ptr<rocksdb::DB>* db, Open open) {
  if constexpr (std::is_invocable_v<Open, std::unique_ptr<rocksdb::DB>*>) {
    return open(db);
  } else {
    rocksdb::DB* raw = nullptr;
    rocksdb::Status status = open(&raw);
    db->reset(raw);
    return status;
  }
}

}  // namespace rocksdb_live
