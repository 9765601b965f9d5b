// The long jobs on an open database: never on a JavaScript thread.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engine/base/range.h"
#include "engine/store/store.h"

namespace rocksdb_live {

Error Flush(Store* store, const std::vector<std::shared_ptr<Family>>& families);
// Flushes the WAL's buffer to the system; with `sync`, to the disk.
Error FlushWal(Store* store, bool sync);
Error CompactRange(Store* store, const Family& family, const Range& range, bool bottommost,
                   std::atomic<bool>* canceled);

Result<std::vector<std::string>> ListColumnFamilies(const std::string& path);
// Refuses a directory that is open in this process or contains no database.
Error DestroyDatabase(const std::string& path);

}  // namespace rocksdb_live
