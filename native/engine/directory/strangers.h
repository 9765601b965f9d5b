// Foreign files in a database's directory: reported in a warning, otherwise left alone.
#pragma once

#include <string>
#include <vector>

#include "engine/directory/survey.h"

namespace rocksdb_live {

// Their names, with the owner if it can be told: `data.mdb (lmdb)`. Excludes hidden files.
std::vector<std::string> DescribeStrangers(const Survey& survey);

}  // namespace rocksdb_live
