// The compaction filter of families whose rows expire. It is an option of the family, so that the
// OPTIONS file records it:
//
//   compaction_filter_factory={id=rocksdb-live.expires;grace_ms=3600000;after_ms=0}
//
// Filters cannot see snapshots. So it drops a row only once it has been gone for `grace_ms`, and
// whoever reads through an older view is refused (reads/expiry.h). It never runs in flushes.
#pragma once

#include <memory>
#include <string>

#include "engine/base/error.h"
#include "engine/base/expiry.h"
#include "engine/base/option_map.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/options.h"

namespace rocksdb_live {

constexpr char kExpiresId[] = "rocksdb-live.expires";

// Makes RocksDB's parser know the filter. Call before options are parsed; any thread.
void RegisterExpiryFilter();

// How the rows of a family with these options expire; null if they do not.
std::shared_ptr<const Expiry> ExpiryIn(const rocksdb::ColumnFamilyOptions& options);

// The same as a text that MakeExpiryFactory takes.
std::string TextOf(const Expiry& expiry);

// Makes the factory of such a text, which OPTIONS files escape. Null if it is not one of ours.
std::shared_ptr<rocksdb::CompactionFilterFactory> MakeExpiryFactory(const std::string& text,
                                                                    bool escaped);

// The same filter, which drops nothing, where rows must come out as they went in. Null for others.
std::shared_ptr<rocksdb::CompactionFilterFactory> KeepExpired(
    const std::shared_ptr<rocksdb::CompactionFilterFactory>& factory);

// Refuses what cannot be together with rows that expire, and gives the space back in databases
// where nothing is written: sets periodic_compaction_seconds unless `map` does to more than 0
// (which is what it has for families that nobody has said anything about).
Error CompleteExpiry(const std::string& where, const OptionMap& map,
                     rocksdb::ColumnFamilyOptions* options);

}  // namespace rocksdb_live
