// Detects, from the files in the directory, what this build cannot read. RocksDB only finds out
// when it opens such a table, calls it corrupted, and by then may have written files that the
// original program cannot read.
#pragma once

#include "engine/base/error.h"
#include "engine/directory/survey.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// kNotSupported if the directory is a LevelDB.
Error CheckNotLevelDb(const Survey& survey);

// Fails with kNotSupported, saying what was found and what to do, for a database that this build
// cannot read, or whose values it would misread; with kCorruption if CURRENT is damaged, or all of
// a family's tables are missing.
//
// Reads the 256 newest tables, and 256 spread over the others: about 10 µs each.
Error CheckReadable(const Survey& survey, const OpenRequest& request);

}  // namespace rocksdb_live
