// What a reader beside a writer must know of the writer's options.
#pragma once

#include <string>

#include "engine/error.h"

namespace rocksdb_live {

// Refuses a directory whose writer recycles WAL files: they are written anew under the eyes of a
// secondary instance, which takes what it finds there for damage or for the end. Where no options
// can be read, nothing is refused.
Error CheckForSecondary(const std::string& path);

}  // namespace rocksdb_live
