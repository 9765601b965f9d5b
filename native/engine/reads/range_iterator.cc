#include "engine/reads/range_iterator.h"

#include <utility>

#include "engine/base/read_options.h"

namespace rocksdb_live {

using rocksdb::Slice;
using rocksdb::Status;

namespace {

// Passed over before it looks whether it may go on.
constexpr uint64_t kPassedPerLook = 4096;

// The flags with which RocksDB is asked. Whether a row has expired stands in its value. A view that
// moves on to newer files would miss rows that compactions have dropped.
uint32_t AskedFlags(const RangeConfig& config, uint32_t flags) {
  const uint32_t keys_only = kKeysOnly;
  const uint32_t refresh = kRefresh;
  if (config.family->expiry() != nullptr) return flags & ~(keys_only | refresh);
  // The layer may have to merge into a value.
  return config.layer ? flags & ~keys_only : flags;
}

}  // namespace

RangeIterator::RangeIterator(const RangeConfig& config, uint32_t flags)
    : config_(config),
      flags_(flags),
      reverse_(config.range.reverse),
      expires_(config.family->expiry() != nullptr),
      expired_(config.snapshot.get(), flags),
      skipped_(expires_ ? expired_.skipped() : 0),
      lower_(config.range.lower ? Slice(*config.range.lower) : Slice()),
      upper_(config.range.upper ? Slice(*config.range.upper) : Slice()) {
  rocksdb::ReadOptions options =
      MakeReadOptions(flags, config.snapshot ? config.snapshot->get() : nullptr);
  options.readahead_size = config.readahead_bytes;
  UsePrefixFilters(config.range, &options);
  UseWalkFlags(AskedFlags(config, flags), &options);
  // RocksDB's threads, not ours, delete the files that only this iterator still used.
  options.background_purge_on_iterator_cleanup = true;
  if (config.range.lower) options.iterate_lower_bound = &lower_;
  if (config.range.upper) options.iterate_upper_bound = &upper_;
  const Family& family = *config.family;
  if (expires_) status_ = expired_.CheckAge(family);
  iterator_.reset(family.db()->NewIterator(options, family.handle()));
  if (config.layer) iterator_ = config.layer->Over(std::move(iterator_), config);
}

void RangeIterator::PassExpired(bool reverse) {
  const Family& family = *config_.family;
  uint64_t passed = 0;
  while (status_.ok() && iterator_->Valid() &&
         !expired_.IsSeen(family, iterator_->value(), &status_)) {
    if (!status_.ok()) break;
    if (++passed % kPassedPerLook == 0) status_ = Look();
    reverse ? iterator_->Prev() : iterator_->Next();
  }
  if (passed != 0) family.expiry()->hidden.fetch_add(passed, std::memory_order_relaxed);
}

// A walk that must not wait says what WouldWait takes for waiting: many rows take long, too.
Status RangeIterator::Look() const {
  if ((flags_ & kNoWait) != 0) return Status::TimedOut();
  if ((flags_ & kCacheOnly) != 0) return Status::Incomplete();
  const bool canceled =
      config_.canceled != nullptr && config_.canceled->load(std::memory_order_acquire);
  return canceled ? Status::Aborted("the database is closing") : Status::OK();
}

}  // namespace rocksdb_live
