// A RocksDB iterator over a range, in its direction: the one place that makes one, for cursors and
// for work on whole ranges.
#pragma once

#include <memory>

#include "engine/base/family.h"
#include "engine/base/range.h"
#include "engine/readers/snapshot.h"
#include "engine/reads/read_layer.h"
#include "rocksdb/iterator.h"

namespace rocksdb_live {

// What is walked over, and how.
struct RangeConfig {
  std::shared_ptr<Family> family;
  std::shared_ptr<Snapshot> snapshot;  // may be null
  Range range;
  uint32_t flags = 0;  // ReadFlag
  size_t readahead_bytes = 0;
  // Lies over what the database has; may be null. Then, which of its writes are seen.
  std::shared_ptr<ReadLayer> layer;
  uint64_t layer_mark = 0;
};

class RangeIterator {
 public:
  // The config must outlive it, and stay where it is. `flags` are in place of the config's.
  RangeIterator(const RangeConfig& config, uint32_t flags);
  RangeIterator(const RangeIterator&) = delete;
  RangeIterator& operator=(const RangeIterator&) = delete;

  bool Valid() const { return iterator_->Valid(); }
  rocksdb::Slice key() const { return iterator_->key(); }
  rocksdb::Slice value() const { return iterator_->value(); }
  rocksdb::Status status() const { return iterator_->status(); }

  // In the order of keys, whatever the direction.
  void SeekToFirst() { iterator_->SeekToFirst(); }
  void SeekToLast() { iterator_->SeekToLast(); }

  // In the direction of the range.
  void SeekToStart() { reverse_ ? iterator_->SeekToLast() : iterator_->SeekToFirst(); }
  void Seek(const rocksdb::Slice& key) {
    reverse_ ? iterator_->SeekForPrev(key) : iterator_->Seek(key);
  }
  void Next() { reverse_ ? iterator_->Prev() : iterator_->Next(); }

 private:
  const bool reverse_;
  // RocksDB points to these.
  const rocksdb::Slice lower_;
  const rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace rocksdb_live
