// What a table or a blob file is written in: read from a few bytes of it, without opening it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rocksdb/compression_type.h"

namespace rocksdb_live {

enum class TableKind { kUnknown, kBlockBased, kPlain, kCuckoo };

struct TableFooter {
  TableKind kind = TableKind::kUnknown;
  uint32_t format_version = 0;
  uint32_t checksum = 0;    // rocksdb::ChecksumType
  std::string compression;  // the property as it stands there; empty where it is not found
};

// Of the last bytes of a file, which may be all. kUnknown where they are not those of a table.
TableFooter ParseTableFooter(const std::string& tail, uint64_t file_size);
TableFooter ReadTableFooter(const std::string& path);

// What a table of this kind cannot be read for by this build, as a part of a sentence; empty where
// it can, and where it is not a table at all.
std::string WhyUnreadable(const TableFooter& footer);

// The same of a blob file, by its first bytes.
std::string WhyBlobUnreadable(const std::string& path);

// The newest format_version of block-based tables that this build knows.
uint32_t NewestFormatVersion();

}  // namespace rocksdb_live
