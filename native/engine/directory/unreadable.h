// What this build of this package cannot read, told apart by what stands in the directory. RocksDB
// finds out when it meets such a table, calls it corrupted, and by then may have written files that
// the other side does not read.
#pragma once

#include "engine/base/error.h"
#include "engine/directory/survey.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// kNotSupported where the directory is that of a LevelDB.
Error CheckNotLevelDb(const Survey& survey);

// kNotSupported, with what was found and what to do, for a database that this build cannot read, or
// whose values it would read wrongly. kCorruption where CURRENT is damaged, or all of a family's
// tables are gone.
//
// Looks into the 256 newest tables, and into 256 spread over the others: about 10 µs each.
Error CheckReadable(const Survey& survey, const OpenRequest& request);

}  // namespace rocksdb_live
