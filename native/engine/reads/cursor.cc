#include "engine/reads/cursor.h"

#include <cstring>
#include <utility>

#include "engine/base/read_options.h"

namespace rocksdb_live {

using rocksdb::Slice;

Cursor::Cursor(Config config) : config_(std::move(config)), left_(config_.range.limit) {}

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

// Copies the current row behind the `used` bytes. Returns false if it does not fit.
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

PageResult Cursor::Next(const Page& page) {
  PageResult result;
  page.offsets[0] = 0;
  if (left_ == 0) {
    result.exhausted = true;
    return result;
  }
  if (!iterator_) iterator_.emplace(config_, config_.flags);
  if (!positioned_) {
    resume_ ? iterator_->Seek(resume_key_) : iterator_->SeekToStart();
    positioned_ = true;
    resume_ = false;
  }
  size_t used = 0;
  while (iterator_->Valid() && left_ != 0 && result.count < page.max_rows) {
    if (!Pack(page, &result, &used)) return result;
    if (left_ > 0) --left_;
    if (left_ != 0) iterator_->Next();
  }
  if (left_ == 0) {
    result.exhausted = true;
  } else if (!iterator_->Valid()) {
    // A corrupt block ends a walk like the end of the range; only the status tells them apart.
    const rocksdb::Status status = iterator_->status();
    const bool nowait = (config_.flags & (kCacheOnly | kNoWait)) != 0;
    if (!status.ok() && nowait) {
      result.not_cached = true;  // the next call may wait, and finds any other error
    } else if (status.ok() || result.count == 0) {
      result.error = Error::From(status);
      result.exhausted = result.error.ok();
    }
  }
  return result;
}

}  // namespace rocksdb_live
