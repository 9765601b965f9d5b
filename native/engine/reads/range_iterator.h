// A RocksDB iterator over a range, in its direction. All iterators are created here, for cursors
// and for work on whole ranges.
#pragma once

#include <memory>

#include "engine/base/family.h"
#include "engine/base/range.h"
#include "engine/readers/snapshot.h"
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
};

class RangeIterator {
 public:
  // `config` must outlive the iterator and not move. `flags` replace the config's.
  RangeIterator(const RangeConfig& config, uint32_t flags);
  RangeIterator(const RangeIterator&) = delete;
  RangeIterator& operator=(const RangeIterator&) = delete;

  bool Valid() const { return iterator_->Valid(); }
  rocksdb::Slice key() const { return iterator_->key(); }
  rocksdb::Slice value() const { return iterator_->value(); }
  rocksdb::Status status() const { return iterator_->status(); }

  // In the order of keys, in either direction.
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
