// What readers read: one state of the database, in a read-only RocksDB of its own. Whoever holds
// the view, or a family of it, keeps it open.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/base/family.h"
#include "engine/readers/capture.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"

namespace rocksdb_live {

// A RocksDB and what it needs to stay open.
class Instance {
 public:
  Instance(std::shared_ptr<ReaderFiles> files, std::unique_ptr<rocksdb::Env> env,
           std::unique_ptr<rocksdb::DB> db)
      : files_(std::move(files)), env_(std::move(env)), db_(std::move(db)) {}
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() {
    if (db_) db_->Close().PermitUncheckedError();
  }

  rocksdb::DB* db() const { return db_.get(); }
  ReaderFiles& files() const { return *files_; }

 private:
  const std::shared_ptr<ReaderFiles> files_;
  const std::unique_ptr<rocksdb::Env> env_;
  const std::unique_ptr<rocksdb::DB> db_;
};

struct ReaderView {
  std::shared_ptr<Instance> instance;
  std::vector<std::shared_ptr<Family>> families;  // by number; null where there is none
  Fingerprint fingerprint;

  rocksdb::DB* db() const { return instance->db(); }
  std::shared_ptr<Family> Find(uint32_t id) const {
    return id < families.size() ? families[id] : nullptr;
  }
};

}  // namespace rocksdb_live
