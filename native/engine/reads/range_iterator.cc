#include "engine/reads/range_iterator.h"

#include <utility>

#include "engine/base/read_options.h"

namespace rocksdb_live {

using rocksdb::Slice;

RangeIterator::RangeIterator(const RangeConfig& config, uint32_t flags)
    : reverse_(config.range.reverse),
      lower_(config.range.lower ? Slice(*config.range.lower) : Slice()),
      upper_(config.range.upper ? Slice(*config.range.upper) : Slice()) {
  rocksdb::ReadOptions options =
      MakeReadOptions(flags, config.snapshot ? config.snapshot->get() : nullptr);
  options.readahead_size = config.readahead_bytes;
  UsePrefixFilters(config.range, &options);
  // The layer may have to merge into a value.
  const uint32_t keys_only = kKeysOnly;
  UseWalkFlags(config.layer ? flags & ~keys_only : flags, &options);
  // RocksDB's threads, not ours, delete the files that only this iterator still used.
  options.background_purge_on_iterator_cleanup = true;
  if (config.range.lower) options.iterate_lower_bound = &lower_;
  if (config.range.upper) options.iterate_upper_bound = &upper_;
  const Family& family = *config.family;
  iterator_.reset(family.db()->NewIterator(options, family.handle()));
  if (config.layer) iterator_ = config.layer->Over(std::move(iterator_), config);
}

}  // namespace rocksdb_live
