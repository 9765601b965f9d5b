// A RocksDB iterator over a range, in its direction. All iterators are created here, for cursors
// and for work on whole ranges.
#pragma once

#include <atomic>
#include <memory>

#include "engine/base/family.h"
#include "engine/base/range.h"
#include "engine/readers/snapshot.h"
#include "engine/reads/expired.h"
#include "engine/reads/read_layer.h"
#include "rocksdb/iterator.h"

namespace rocksdb_live {

// Which range to walk, and how.
struct RangeConfig {
  std::shared_ptr<Family> family;
  std::shared_ptr<Snapshot> snapshot;  // may be null
  Range range;
  uint32_t flags = 0;  // ReadFlag
  size_t readahead_bytes = 0;
  // Laid over the database's rows; may be null. `layer_mark` says which of its writes are visible.
  std::shared_ptr<ReadLayer> layer;
  uint64_t layer_mark = 0;
  // Ends a walk over many rows that have expired; may be null.
  const std::atomic<bool>* canceled = nullptr;
};

class RangeIterator {
 public:
  // `config` must outlive the iterator and not move. `flags` replace the config's.
  RangeIterator(const RangeConfig& config, uint32_t flags);
  RangeIterator(const RangeIterator&) = delete;
  RangeIterator& operator=(const RangeIterator&) = delete;

  bool Valid() const { return iterator_->Valid() && status_.ok(); }
  rocksdb::Slice key() const { return iterator_->key(); }
  rocksdb::Slice value() const {
    rocksdb::Slice value = iterator_->value();
    value.remove_prefix(skipped_);
    return value;
  }
  rocksdb::Status status() const { return status_.ok() ? iterator_->status() : status_; }

  // In the order of keys, in either direction.
  void SeekToFirst() {
    iterator_->SeekToFirst();
    if (expires_) PassExpired(false);
  }
  void SeekToLast() {
    iterator_->SeekToLast();
    if (expires_) PassExpired(true);
  }

  // In the direction of the range.
  void SeekToStart() { reverse_ ? SeekToLast() : SeekToFirst(); }
  void Seek(const rocksdb::Slice& key) {
    if (status_.IsCorruption()) status_ = rocksdb::Status::OK();  // past the row without envelope
    reverse_ ? iterator_->SeekForPrev(key) : iterator_->Seek(key);
    if (expires_) PassExpired(reverse_);
  }
  void Next() {
    reverse_ ? iterator_->Prev() : iterator_->Next();
    if (expires_) PassExpired(reverse_);
  }

 private:
  // Goes on to the nearest row that has not expired. `status_` ends the walk.
  void PassExpired(bool reverse);
  // Whether it may go on, after so many rows.
  rocksdb::Status Look() const;

  const RangeConfig& config_;
  const uint32_t flags_;
  const bool reverse_;
  const bool expires_;
  Expired expired_;
  const size_t skipped_;
  rocksdb::Status status_;
  // RocksDB points to these.
  const rocksdb::Slice lower_;
  const rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace rocksdb_live
