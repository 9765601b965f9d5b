#include "engine/repair/blob_check.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "engine/base/byte_reader.h"
#include "engine/base/crc32c.h"
#include "engine/files/log_file.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMagic = 2395959;
constexpr size_t kHeaderSize = 30;
constexpr size_t kFooterSize = 32;
constexpr size_t kRecordHeaderSize = 32;
constexpr size_t kBuffer = 1 << 20;

class Reader {
 public:
  Reader(const std::string& path, rocksdb::FileSystem& files) {
    const rocksdb::IOOptions options;
    open_ = files.GetFileSize(path, options, &size_, nullptr).ok() &&
            files.NewRandomAccessFile(path, rocksdb::FileOptions(), &file_, nullptr).ok();
  }
  bool open() const { return open_; }
  uint64_t size() const { return size_; }

  bool Read(uint64_t at, size_t count, std::string* bytes) {
    bytes->resize(count);
    rocksdb::Slice read;
    if (!file_->Read(at, count, rocksdb::IOOptions(), &read, bytes->data(), nullptr).ok()) {
      return false;
    }
    if (read.size() == count && read.data() != bytes->data()) bytes->assign(read.data(), count);
    return read.size() == count;
  }

  // The checksum of a part, computed piece by piece.
  bool Checksum(uint64_t at, uint64_t count, uint32_t* crc) {
    *crc = 0;
    std::string piece;
    for (uint64_t done = 0; done < count; done += piece.size()) {
      const auto wanted = static_cast<size_t>(std::min<uint64_t>(kBuffer, count - done));
      if (!Read(at + done, wanted, &piece)) return false;
      *crc = crc32c::Extend(*crc, piece.data(), piece.size());
    }
    return true;
  }

 private:
  std::unique_ptr<rocksdb::FSRandomAccessFile> file_;
  uint64_t size_ = 0;
  bool open_ = false;
};

bool IsFooter(const std::string& bytes) {
  ByteReader in(bytes);
  if (in.Fixed(4) != kMagic) return false;
  const uint32_t crc = crc32c::Value(bytes.data(), kFooterSize - 4);
  in.Bytes(kFooterSize - 8);
  return crc32c::Unmask(static_cast<uint32_t>(in.Fixed(4))) == crc;
}

std::string Footer(uint64_t count) {
  std::string footer;
  PutFixed(&footer, kMagic, 4);
  PutFixed(&footer, count, 8);
  footer.append(16, '\0');
  PutFixed(&footer, crc32c::Mask(crc32c::Value(footer.data(), footer.size())), 4);
  return footer;
}

// Reads the records up to `end`. Returns false if a record has an impossible length.
bool ReadRecords(Reader* file, uint64_t end, BlobFacts* facts) {
  std::string header;
  uint64_t at = kHeaderSize;
  bool sound = true;
  while (at < end) {
    if (end - at < kRecordHeaderSize || !file->Read(at, kRecordHeaderSize, &header)) return false;
    ByteReader in(header);
    const uint64_t key = in.Fixed(8);
    const uint64_t value = in.Fixed(8);
    in.Bytes(8);
    const auto header_crc = static_cast<uint32_t>(in.Fixed(4));
    const auto crc = static_cast<uint32_t>(in.Fixed(4));
    if (crc32c::Unmask(header_crc) != crc32c::Value(header.data(), 24)) return false;
    const uint64_t left = end - at - kRecordHeaderSize;
    if (key > left || value > left - key) return false;
    uint32_t found = 0;
    const uint64_t begin = at + kRecordHeaderSize;
    if (file->Checksum(begin, key + value, &found) && crc32c::Unmask(crc) == found) {
      facts->values.insert(begin + key);
      ++facts->count;
      facts->records_end = begin + key + value;
    } else {
      sound = false;
    }
    facts->bytes += kRecordHeaderSize + key + value;
    at = begin + key + value;
  }
  return sound;
}

}  // namespace

BlobFacts CheckBlobFile(const std::string& path) {
  return CheckBlobFile(path, *rocksdb::FileSystem::Default());
}

BlobFacts CheckBlobFile(const std::string& path, rocksdb::FileSystem& files) {
  BlobFacts facts;
  Reader file(path, files);
  facts.there = file.open();
  if (!facts.there) {
    facts.reason = "it is missing";
    return facts;
  }
  std::string header;
  ByteReader in(header);
  const bool sound_header = file.Read(0, kHeaderSize, &header) &&
                            (in = ByteReader(header), in.Fixed(4) == kMagic) && in.Fixed(4) == 1;
  if (!sound_header) {
    facts.reason = "its header is damaged";
    return facts;
  }
  facts.family = static_cast<uint32_t>(in.Fixed(4));
  std::string footer;
  const bool has_footer = file.size() >= kHeaderSize + kFooterSize &&
                          file.Read(file.size() - kFooterSize, kFooterSize, &footer) &&
                          IsFooter(footer);
  facts.records_end = kHeaderSize;
  const bool sound =
      ReadRecords(&file, has_footer ? file.size() - kFooterSize : file.size(), &facts);
  facts.readable = has_footer;
  facts.whole = has_footer && sound;
  if (!has_footer) {
    facts.reason = "its end is missing";
  } else if (!sound) {
    facts.reason = "a value in it is damaged";
  }
  return facts;
}

bool CopyBlobFileWithFooter(const std::string& from, const BlobFacts& facts,
                            const std::string& to) {
  std::ifstream in(fs::u8path(from), std::ios::binary);
  std::ofstream out(fs::u8path(to), std::ios::binary | std::ios::trunc);
  std::string piece;
  for (uint64_t done = 0; in && out && done < facts.records_end; done += piece.size()) {
    piece.resize(static_cast<size_t>(std::min<uint64_t>(kBuffer, facts.records_end - done)));
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (static_cast<size_t>(in.gcount()) != piece.size()) return false;
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  }
  const std::string footer = Footer(facts.count);
  out.write(footer.data(), static_cast<std::streamsize>(footer.size()));
  out.close();
  return !out.fail();
}

}  // namespace rocksdb_live
