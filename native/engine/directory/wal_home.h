// Where a database's WAL is, and whose the WAL files there are.
//
// With the wrong `wal_dir` RocksDB finds no WAL, says nothing, and the rows in it are lost; with
// that of another database it takes that one's rows. A folder of its own gets a file of ours that
// says whose it is.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/directory/survey.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// Makes `wal_dir` of a request absolute, so that what OPTIONS records means the same from
// everywhere.
void ResolveWalDir(OpenRequest* request);

// The folder that a request wants the WAL in: `wal_dir`, or the database's own.
std::string WalDirOf(const OpenRequest& request);

// The folder that the WAL of the database at `path` is in, by what is recorded there. One that is
// recorded but belongs to another database (a checkpoint's original) is not it.
std::string WalDirOf(const std::string& path);

// kOptionsMismatch where the WAL is elsewhere than `request` says, or belongs to another database.
Error CheckWalDir(const Survey& survey, const OpenRequest& request);

// Writes into a WAL folder that is not the database's own whose it is.
Error MarkWalDir(const std::string& wal_dir, const std::string& path, const std::string& identity);
// Takes that away again.
void UnmarkWalDir(const std::string& wal_dir);

}  // namespace rocksdb_live
