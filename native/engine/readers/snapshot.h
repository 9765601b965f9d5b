// A consistent view of the database; released by its last holder.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/resource.h"
#include "engine/readers/reader_view.h"
#include "rocksdb/db.h"

namespace rocksdb_live {

class Snapshot {
 public:
  static constexpr ResourceKind kKind = ResourceKind::kSnapshot;
  static constexpr const char* kClosed = "the snapshot was released";

  // Keeps the reader's view alive; take families from that view.
  explicit Snapshot(rocksdb::DB* db, std::shared_ptr<const ReaderView> view = nullptr)
      : view_(std::move(view)), db_(db), snapshot_(db->GetSnapshot()), taken_ms_(NowMs()) {}
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() {
    if (snapshot_ != nullptr) db_->ReleaseSnapshot(snapshot_);
  }

  const rocksdb::Snapshot* get() const { return snapshot_; }
  // When it was taken, by NowMs: the moment by which its reads judge what has expired.
  uint64_t taken_ms() const { return taken_ms_; }
  // Of a transaction that takes a newer one: it goes on judging by its start.
  void JudgeAsOf(uint64_t taken_ms) { taken_ms_ = taken_ms; }
  const std::shared_ptr<const ReaderView>& view() const { return view_; }

 private:
  const std::shared_ptr<const ReaderView> view_;
  rocksdb::DB* const db_;
  const rocksdb::Snapshot* const snapshot_;
  uint64_t taken_ms_;
};

}  // namespace rocksdb_live
