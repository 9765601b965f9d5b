#include "engine/files/table_footer.h"

#include <algorithm>
#include <memory>

#include "engine/base/byte_reader.h"
#include "engine/files/small_files.h"
#include "rocksdb/convenience.h"
#include "rocksdb/options.h"
#include "rocksdb/table.h"
#include "rocksdb/version.h"

namespace rocksdb_live {
namespace {

// table/format.cc and the builders of each kind.
constexpr uint64_t kBlockBasedMagic = 0x88e241b785f4cff7;
constexpr uint64_t kLevelDbMagic = 0xdb4775248b80fb57;
constexpr uint64_t kPlainMagic = 0x8242229663bf9564;
constexpr uint64_t kOldPlainMagic = 0x4f3418eb7a8f13b8;
constexpr uint64_t kCuckooMagic = 0x926789d0c5f17873;
constexpr size_t kFooterSize = 53;
constexpr size_t kOldFooterSize = 48;  // format_version 0
constexpr size_t kTrailerSize = 5;     // of each block
constexpr uint64_t kTailSize = 4096;   // also holds the properties, unless they are very large
constexpr uint32_t kNewestChecksum = rocksdb::kXXH3;
#if ROCKSDB_MAJOR >= 11
constexpr uint32_t kOldestFormatVersion = 2;
#else
constexpr uint32_t kOldestFormatVersion = 0;
#endif

// A block's place in the file.
struct Handle {
  uint64_t offset = 0;
  uint64_t size = 0;
};

Handle ReadHandle(ByteReader* in) {
  Handle handle;
  handle.offset = in->Varint();
  handle.size = in->Varint();
  return handle;
}

// A block that is completely in the tail and not compressed; otherwise empty.
std::string_view BlockAt(const Handle& handle, std::string_view tail, uint64_t file_size) {
  const uint64_t tail_offset = file_size - tail.size();
  if (handle.offset < tail_offset || handle.size > file_size) return {};
  const uint64_t begin = handle.offset - tail_offset;
  if (begin + handle.size + kTrailerSize > tail.size()) return {};
  const std::string_view block =
      tail.substr(static_cast<size_t>(begin), static_cast<size_t>(handle.size));
  return tail[static_cast<size_t>(begin + handle.size)] == 0 ? block : std::string_view();
}

// The value of a key in a block whose keys omit the prefix shared with the previous one.
std::string_view Find(std::string_view block, std::string_view wanted) {
  if (block.size() < 4) return {};
  ByteReader count(block.substr(block.size() - 4));
  const uint64_t restarts = (count.Fixed(4) & 0x0FFFFFFF) * 4 + 4;
  if (restarts > block.size()) return {};
  ByteReader in(block.substr(0, block.size() - static_cast<size_t>(restarts)));
  std::string key;
  while (in.ok() && !in.empty()) {
    const uint64_t shared = in.Varint();
    const uint64_t rest = in.Varint();
    const uint64_t value_size = in.Varint();
    if (shared > key.size()) return {};
    key.resize(static_cast<size_t>(shared));
    key += in.Bytes(rest);
    const std::string_view value = in.Bytes(value_size);
    if (in.ok() && key == wanted) return value;
  }
  return {};
}

std::string CompressionIn(const Handle& metaindex, std::string_view tail, uint64_t file_size) {
  ByteReader in(Find(BlockAt(metaindex, tail, file_size), "rocksdb.properties"));
  const Handle properties = ReadHandle(&in);
  if (!in.ok()) return "";
  return std::string(Find(BlockAt(properties, tail, file_size), "rocksdb.compression"));
}

const char* NameOf(rocksdb::CompressionType type) {
  switch (type) {
    case rocksdb::kSnappyCompression:
      return "Snappy";
    case rocksdb::kZlibCompression:
      return "Zlib";
    case rocksdb::kBZip2Compression:
      return "BZip2";
    case rocksdb::kLZ4Compression:
      return "LZ4";
    case rocksdb::kLZ4HCCompression:
      return "LZ4HC";
    case rocksdb::kXpressCompression:
      return "Xpress";
    case rocksdb::kZSTD:
      return "ZSTD";
    default:
      return "";
  }
}

bool IsLinked(rocksdb::CompressionType type) {
  static const auto* const linked =
      new std::vector<rocksdb::CompressionType>(rocksdb::GetSupportedCompressions());
  return type == rocksdb::kNoCompression ||
         std::find(linked->begin(), linked->end(), type) != linked->end();
}

std::string Missing(const std::string& compression) {
  return "is compressed with " + compression + ", which this build does not have";
}

std::string WhyTypeUnreadable(int type) {
  const auto known = static_cast<rocksdb::CompressionType>(type);
  if (IsLinked(known)) return "";
  const std::string name = NameOf(known);
  return Missing(name.empty() ? "a method of its program's own (" + std::to_string(type) + ")"
                              : name);
}

// `name` or, since format_version 7, `manager;types in hex;`.
std::string WhyCompressionUnreadable(const std::string& property) {
  const size_t first = property.find(';');
  if (first != property.npos) {
    const size_t second = std::min(property.find(';', first + 1), property.size());
    for (size_t at = first + 1; at + 2 <= second; at += 2) {
      const std::string why = WhyTypeUnreadable(
          static_cast<int>(std::strtol(property.substr(at, 2).c_str(), nullptr, 16)));
      if (!why.empty()) return why;
    }
    return "";
  }
  for (int type = rocksdb::kSnappyCompression; type <= rocksdb::kZSTD; ++type) {
    if (property == NameOf(static_cast<rocksdb::CompressionType>(type))) {
      return WhyTypeUnreadable(type);
    }
  }
  return "";
}

std::string Version() { return "RocksDB " + rocksdb::GetRocksVersionAsString(true); }

}  // namespace

TableFooter ParseTableFooter(const std::string& tail, uint64_t file_size) {
  TableFooter footer;
  if (tail.size() < kOldFooterSize) return footer;
  const uint64_t magic = ByteReader(std::string_view(tail).substr(tail.size() - 8)).Fixed(8);
  if (magic == kPlainMagic || magic == kOldPlainMagic) footer.kind = TableKind::kPlain;
  if (magic == kCuckooMagic) footer.kind = TableKind::kCuckoo;
  if (magic == kBlockBasedMagic || magic == kLevelDbMagic) footer.kind = TableKind::kBlockBased;
  if (magic != kBlockBasedMagic || tail.size() < kFooterSize) return footer;
  ByteReader in(std::string_view(tail).substr(tail.size() - kFooterSize));
  footer.checksum = static_cast<uint32_t>(in.Fixed(1));
  ByteReader end(std::string_view(tail).substr(tail.size() - 12));
  footer.format_version = static_cast<uint32_t>(end.Fixed(4));
  Handle metaindex;
  if (footer.format_version >= 6) {
    in.Bytes(12);  // extended magic number, and checksums
    metaindex.size = in.Fixed(4);
    metaindex.offset = file_size - kFooterSize - kTrailerSize - metaindex.size;
  } else {
    metaindex = ReadHandle(&in);
  }
  footer.compression = CompressionIn(metaindex, tail, file_size);
  return footer;
}

TableFooter ReadTableFooter(const std::string& path) {
  std::string tail;
  uint64_t size = 0;
  if (!ReadTail(path, kTailSize, &tail, &size)) return TableFooter();
  return ParseTableFooter(tail, size);
}

std::string WhyUnreadable(const TableFooter& footer) {
  if (footer.kind == TableKind::kPlain)
    return "is a PlainTable, and this package reads block-based";
  if (footer.kind == TableKind::kCuckoo) {
    return "is a CuckooTable, and this package reads block-based";
  }
  if (footer.kind == TableKind::kUnknown) return "";
  const std::string version = "has format_version " + std::to_string(footer.format_version);
  if (footer.format_version > NewestFormatVersion()) {
    return version + ", and this build (" + Version() + ") knows those up to " +
           std::to_string(NewestFormatVersion()) + ": a newer RocksDB wrote it";
  }
  if (footer.format_version < kOldestFormatVersion) {
    return version + ", which " + Version() +
           " no longer reads: compact all of it with a RocksDB before 11";
  }
  if (footer.checksum > kNewestChecksum) {
    return "has checksums of kind " + std::to_string(footer.checksum) + ", which this build (" +
           Version() + ") does not know";
  }
  return WhyCompressionUnreadable(footer.compression);
}

std::string WhyBlobUnreadable(const std::string& path) {
  constexpr uint64_t kBlobMagic = 2395959;  // db/blob/blob_log_format.h
  std::string head;
  if (!ReadHead(path, 30, &head) || head.size() < 30) return "";
  ByteReader in(head);
  if (in.Fixed(4) != kBlobMagic) return "";
  in.Bytes(9);  // version, family, flags
  return WhyTypeUnreadable(static_cast<int>(in.Fixed(1)));
}

uint32_t NewestFormatVersion() {
  static const uint32_t newest = [] {
    for (uint32_t version = 6;; ++version) {
      rocksdb::BlockBasedTableOptions options;
      options.format_version = version;
      const std::unique_ptr<rocksdb::TableFactory> factory(
          rocksdb::NewBlockBasedTableFactory(options));
      const rocksdb::Status status =
          factory->ValidateOptions(rocksdb::DBOptions(), rocksdb::ColumnFamilyOptions());
      if (!status.ok()) return version - 1;
    }
  }();
  return newest;
}

}  // namespace rocksdb_live
