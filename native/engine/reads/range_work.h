// Whole ranges: counted, and deleted.
#pragma once

#include <atomic>
#include <string>

#include "engine/base/result.h"
#include "engine/reads/cursor.h"

namespace rocksdb_live {

// Counts the rows of the range. Ends early with ERR_ABORTED once `canceled` is set.
Result<uint64_t> CountRange(const Cursor::Config& config, const std::atomic<bool>& canceled,
                            std::chrono::microseconds deadline);

// Makes the batch, in wire format, that deletes the current rows of the range; empty if there are
// none. It has two records, whatever the number of rows: a range deletion, and the deletion of the
// last key.
Error MakeClearBatch(const Cursor::Config& config, const std::atomic<bool>& canceled,
                     std::string* batch);

}  // namespace rocksdb_live
