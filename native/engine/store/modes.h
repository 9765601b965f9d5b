// Which methods a database has in each mode, in one table.
//
// A reader shares its directory with a writer, and RocksDB's own refusals are incomplete:
// SetOptions on a read-only instance writes a new MANIFEST under the writer's hands, FlushWAL takes
// the last element of an empty list of logs, and Flush waits for a thread that was never started.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// Returns OK if the mode allows `method`, a function of NativeSession (lib/native/session.ts).
// Otherwise kReadOnly for what only a writer may do, and kNotSupported for what the mode does not
// have. A method without a row is never allowed.
Error CheckMode(Mode mode, const std::string& method);

// The mode as messages show it: "read-only", "as a secondary".
const char* NameOf(Mode mode);

}  // namespace rocksdb_live
