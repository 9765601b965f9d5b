// How a table or a blob file is encoded, from a few of its bytes, without opening it.
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
  std::string compression;  // the property's text; empty if not found
};

// Parses the last bytes of a file, or all of it. kUnknown if this is not a table.
TableFooter ParseTableFooter(const std::string& tail, uint64_t file_size);
TableFooter ReadTableFooter(const std::string& path);

// Why this build cannot read such a table, as part of a sentence; empty if it can, or if it is no
// table.
std::string WhyUnreadable(const TableFooter& footer);

// The same for a blob file, from its first bytes.
std::string WhyBlobUnreadable(const std::string& path);

// The newest format_version of block-based tables that this build knows.
uint32_t NewestFormatVersion();

}  // namespace rocksdb_live
