// One open column family. Its handle stays valid, even after a drop, as long as somebody holds
// this; RocksDB deletes a dropped family's files when the last handle is released.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/expiry.h"
#include "engine/base/merge_rules.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"

namespace rocksdb_live {

// The family with a replica's place in its log (REPLICA_FAMILY in lib/native/replica.ts). It is not
// listed.
constexpr char kReplicaFamily[] = "rocksdb-live.replica";

class Family {
 public:
  Family(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle, bool has_merge_operator,
         const MergeRule* merge_rule = nullptr)
      : Family(db, handle, has_merge_operator, merge_rule, handle->GetID(), nullptr) {}
  // With its own number and an object that keeps `db` open.
  Family(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle, bool has_merge_operator,
         const MergeRule* merge_rule, uint32_t number, std::shared_ptr<void> keeper)
      : keeper_(std::move(keeper)),
        db_(db),
        handle_(handle),
        id_(number),
        name_(handle->GetName()),
        has_merge_operator_(has_merge_operator),
        merge_rule_(merge_rule) {}
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;
  ~Family() { db_->DestroyColumnFamilyHandle(handle_).PermitUncheckedError(); }

  // The database of the handle.
  rocksdb::DB* db() const { return db_; }
  rocksdb::ColumnFamilyHandle* handle() const { return handle_; }
  uint32_t id() const { return id_; }
  const std::string& name() const { return name_; }
  bool has_merge_operator() const { return has_merge_operator_; }
  // Null if values and operands may be any bytes.
  const MergeRule* merge_rule() const { return merge_rule_; }
  // The writer's operator; null if there is none. Set before the family is shared.
  void set_merge_operator(std::shared_ptr<rocksdb::MergeOperator> merge_operator) {
    merge_operator_ = std::move(merge_operator);
  }
  const rocksdb::MergeOperator* merge_operator() const { return merge_operator_.get(); }
  // How its rows expire; null if they do not. Set before the family is shared.
  const Expiry* expiry() const { return expiry_.get(); }
  void set_expiry(std::shared_ptr<const Expiry> expiry) { expiry_ = std::move(expiry); }
  bool dropped() const { return dropped_.load(std::memory_order_acquire); }
  void set_dropped(bool dropped) { dropped_.store(dropped, std::memory_order_release); }

 private:
  const std::shared_ptr<void> keeper_;
  rocksdb::DB* const db_;
  rocksdb::ColumnFamilyHandle* const handle_;
  const uint32_t id_;
  const std::string name_;
  const bool has_merge_operator_;
  const MergeRule* const merge_rule_;
  std::shared_ptr<rocksdb::MergeOperator> merge_operator_;
  std::shared_ptr<const Expiry> expiry_;
  std::atomic<bool> dropped_{false};
};

}  // namespace rocksdb_live
