// What a database may be asked for in each mode, in one table.
//
// A reader shares its directory with whoever writes there, and RocksDB's own refusals are not
// complete: SetOptions of a read-only instance writes a new MANIFEST under the writer's hands,
// FlushWAL takes the last of no logs, Flush waits for a thread that nobody started.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// Ok where `method`, a function of lib/native/session.ts's NativeSession, is allowed in the mode.
// Else kReadOnly for what only a writer may do, and kNotSupported for what the mode does not have.
// A method without a row is allowed nowhere.
Error CheckMode(Mode mode, const std::string& method);

// As messages say it: "read-only", "as a secondary".
const char* NameOf(Mode mode);

}  // namespace rocksdb_live
