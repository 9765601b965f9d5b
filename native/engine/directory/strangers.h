// Files of others in a database's directory: named in a warning, and left alone.
#pragma once

#include <string>
#include <vector>

#include "engine/directory/survey.h"

namespace rocksdb_live {

// Their names, with whose they are where that can be told: `data.mdb (lmdb)`. Without hidden files.
std::vector<std::string> DescribeStrangers(const Survey& survey);

}  // namespace rocksdb_live
