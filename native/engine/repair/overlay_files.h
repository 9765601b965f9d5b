// A directory that also shows files from elsewhere, and never changes them: a repaired database is
// tried out there while the original stays untouched.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "rocksdb/env.h"

namespace rocksdb_live {

// `shown` maps names in `directory` to paths of files elsewhere, which can be read under these
// names. A delete removes the name and leaves the file. New files belong to the directory, and hide
// a shown file of the same name.
std::unique_ptr<rocksdb::Env> NewOverlayEnv(const std::string& directory,
                                            std::map<std::string, std::string> shown);

}  // namespace rocksdb_live
