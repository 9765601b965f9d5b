// Where a database's WAL is, and which database owns the WAL files there.
//
// With a wrong `wal_dir` RocksDB silently finds no WAL and loses its rows; with the folder of
// another database it replays that one's rows. A separate WAL folder gets a file of ours that names
// its owner.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/directory/survey.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// Makes a request's `wal_dir` absolute, so that the path in OPTIONS does not depend on the working
// directory.
void ResolveWalDir(OpenRequest* request);

// The request's WAL folder: `wal_dir`, or the database's own.
std::string WalDirOf(const OpenRequest& request);

// The WAL folder recorded for the database at `path`. A recorded folder that belongs to another
// database (a checkpoint's original) does not count.
std::string WalDirOf(const std::string& path);

// kOptionsMismatch if the WAL is not where `request` says, or belongs to another database.
Error CheckWalDir(const Survey& survey, const OpenRequest& request);

// Writes the owner's mark into a separate WAL folder.
Error MarkWalDir(const std::string& wal_dir, const std::string& path, const std::string& identity);
// Removes the mark.
void UnmarkWalDir(const std::string& wal_dir);

}  // namespace rocksdb_live
