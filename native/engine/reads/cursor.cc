#include "engine/reads/cursor.h"

#include <cstring>
#include <utility>

#include "engine/base/read_options.h"

namespace rocksdb_live {

using rocksdb::Slice;

Cursor::Cursor(Config config) : config_(std::move(config)), left_(config_.range.limit) {
  if (config_.range.lower) lower_ = *config_.range.lower;
  if (config_.range.upper) upper_ = *config_.range.upper;
}

void Cursor::MakeIterator() {
  rocksdb::ReadOptions options =
      MakeReadOptions(config_.flags, config_.snapshot ? config_.snapshot->get() : nullptr);
  options.readahead_size = config_.readahead_bytes;
  UsePrefixFilters(config_.range, &options);
  UseWalkFlags(config_.flags, &options);
  // Files that only this iterator still holds are deleted by RocksDB's threads, not by ours.
  options.background_purge_on_iterator_cleanup = true;
  if (config_.range.lower) options.iterate_lower_bound = &lower_;
  if (config_.range.upper) options.iterate_upper_bound = &upper_;
  const Family& family = *config_.family;
  iterator_.reset(family.db()->NewIterator(options, family.handle()));
}

void Cursor::SeekToStart() {
  if (config_.range.reverse) {
    iterator_->SeekToLast();
  } else {
    iterator_->SeekToFirst();
  }
}

void Cursor::Seek(const Slice& key) {
  resume_key_.assign(key.data(), key.size());
  resume_ = true;
  positioned_ = false;
}

void Cursor::AllowIo() {
  if (positioned_ && iterator_ && iterator_->Valid()) Seek(iterator_->key());
  config_.flags &= ~static_cast<uint32_t>(kCacheOnly | kNoWait);
  iterator_.reset();
  positioned_ = false;
}

// Copies the row under the iterator behind `used`; false where it does not fit.
bool Cursor::Pack(const Page& page, PageResult* result, size_t* used) {
  const Slice key = iterator_->key();
  const Slice value = (config_.flags & kKeysOnly) != 0 ? Slice() : iterator_->value();
  const size_t size = key.size() + value.size();
  if (size > page.capacity - *used) {
    if (result->count == 0) result->needed = size;
    return false;
  }
  std::memcpy(page.bytes + *used, key.data(), key.size());
  std::memcpy(page.bytes + *used + key.size(), value.data(), value.size());
  uint32_t* offsets = page.offsets + 2 * static_cast<size_t>(result->count);
  offsets[1] = static_cast<uint32_t>(*used + key.size());
  offsets[2] = static_cast<uint32_t>(*used + size);
  *used += size;
  ++result->count;
  return true;
}

void Cursor::Advance() {
  if (config_.range.reverse) {
    iterator_->Prev();
  } else {
    iterator_->Next();
  }
}

PageResult Cursor::Next(const Page& page) {
  PageResult result;
  page.offsets[0] = 0;
  if (left_ == 0) {
    result.exhausted = true;
    return result;
  }
  if (!iterator_) MakeIterator();
  if (!positioned_) {
    if (!resume_) {
      SeekToStart();
    } else if (config_.range.reverse) {
      iterator_->SeekForPrev(resume_key_);
    } else {
      iterator_->Seek(resume_key_);
    }
    positioned_ = true;
    resume_ = false;
  }
  size_t used = 0;
  while (iterator_->Valid() && left_ != 0 && result.count < page.max_rows) {
    if (!Pack(page, &result, &used)) return result;
    if (left_ > 0) --left_;
    if (left_ != 0) Advance();
  }
  if (left_ == 0) {
    result.exhausted = true;
  } else if (!iterator_->Valid()) {
    // A corrupt block ends a walk as the end of the range does; only the status tells them apart.
    const rocksdb::Status status = iterator_->status();
    const bool nowait = (config_.flags & (kCacheOnly | kNoWait)) != 0;
    if (!status.ok() && nowait) {
      result.not_cached = true;  // one that may wait finds whatever else is wrong
    } else if (status.ok() || result.count == 0) {
      result.error = Error::From(status);
      result.exhausted = result.error.ok();
    }
  }
  return result;
}

}  // namespace rocksdb_live
