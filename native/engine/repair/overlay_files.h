// A directory that shows files of other places beside its own, and never changes them: a database
// is tried out there while the original stays as it is.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "rocksdb/env.h"

namespace rocksdb_live {

// `shown` has the paths of files by their names in `directory`. Those can be read there; a delete
// takes the name away and leaves the file. New files are the directory's own, and go before a shown
// one of the same name.
std::unique_ptr<rocksdb::Env> NewOverlayEnv(const std::string& directory,
                                            std::map<std::string, std::string> shown);

}  // namespace rocksdb_live
