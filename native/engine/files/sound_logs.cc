#include "engine/files/sound_logs.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "engine/files/file_names.h"
#include "rocksdb/env.h"

namespace rocksdb_live {
namespace {

using rocksdb::FSSequentialFile;
using rocksdb::FSSequentialFileOwnerWrapper;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// The format of logs (db/log_format.h): blocks of records, each a checksum, two bytes of length, a
// type. Those of recycled logs have four bytes more.
constexpr uint64_t kBlock = 32768;
constexpr uint64_t kHeader = 7;
constexpr uint64_t kRecycledHeader = 11;
constexpr size_t kLength = 4;
constexpr size_t kType = 6;
constexpr uint8_t kFull = 1;
constexpr uint8_t kLast = 4;
constexpr uint8_t kNoType = 0x7f;

bool IsRecycled(uint8_t type) { return (type >= 5 && type <= 8) || type == 11 || type == 131; }

class LogFile : public FSSequentialFileOwnerWrapper {
 public:
  explicit LogFile(std::unique_ptr<FSSequentialFile> file)
      : FSSequentialFileOwnerWrapper(std::move(file)) {}

  IOStatus Read(size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    IOStatus status = FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, debug);
    if (!status.ok() || result->empty() || recycled_) return status;
    const bool copied = result->data() == scratch;
    Mend(*result, copied ? scratch : nullptr, result, scratch);
    at_ += result->size();
    return status;
  }

  IOStatus Skip(uint64_t size) override {
    at_ += size;
    // What stands there is not known before the next block begins.
    next_ = (at_ + kBlock - 1) / kBlock * kBlock;
    return FSSequentialFileOwnerWrapper::Skip(size);
  }

 private:
  // Goes from header to header, as the reader does, over the `read` bytes at `at_`.
  void Mend(const Slice& read, char* own, Slice* result, char* scratch) {
    const uint64_t end = at_ + read.size();
    while (next_ + kHeader <= end) {
      const uint64_t left = kBlock - next_ % kBlock;
      if (left < kHeader || next_ < at_) {
        next_ = (std::max(next_, at_) / kBlock + 1) * kBlock;
        continue;
      }
      const auto* header =
          reinterpret_cast<const uint8_t*>(result->data()) + static_cast<size_t>(next_ - at_);
      const uint8_t type = header[kType];
      const uint64_t length = header[kLength] | static_cast<uint64_t>(header[kLength + 1]) << 8;
      if (IsRecycled(type)) {
        if (!whole_) {
          recycled_ = true;
          return;
        }
        if (own == nullptr) {
          std::memcpy(scratch, result->data(), result->size());
          *result = Slice(scratch, result->size());
          own = scratch;
        }
        own[static_cast<size_t>(next_ - at_) + kType] = static_cast<char>(kNoType);
      }
      whole_ = whole_ || type == kFull || type == kLast;
      const uint64_t taken = (IsRecycled(type) ? kRecycledHeader : kHeader) + length;
      // The reader drops the rest of a block whose record does not fit.
      next_ = taken > left ? (next_ / kBlock + 1) * kBlock : next_ + taken;
    }
  }

  uint64_t at_ = 0;
  uint64_t next_ = 0;
  // Whether a record that is no recycled log's has ended.
  bool whole_ = false;
  bool recycled_ = false;
};

class SoundFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit SoundFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target)
      : FileSystemWrapper(target) {}

  const char* Name() const override { return "SoundFileSystem"; }

  IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<FSSequentialFile>* file,
                             IODebugContext* debug) override {
    const IOStatus status = FileSystemWrapper::NewSequentialFile(name, options, file, debug);
    if (status.ok() && IsLog(name)) *file = SoundLog(std::move(*file));
    return status;
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> SoundLogs(const std::shared_ptr<rocksdb::FileSystem>& target) {
  return std::make_shared<SoundFileSystem>(target);
}

bool IsLog(const std::string& path) {
  const FileKind kind = ParseFileName(path.substr(path.find_last_of("/\\") + 1)).kind;
  return kind == FileKind::kWal || kind == FileKind::kManifest;
}

std::unique_ptr<FSSequentialFile> SoundLog(std::unique_ptr<FSSequentialFile> file) {
  return std::make_unique<LogFile>(std::move(file));
}

rocksdb::Env* SoundEnv() {
  // Never deleted: threads of RocksDB may outlive everything else.
  static rocksdb::Env* const env =
      rocksdb::NewCompositeEnv(SoundLogs(rocksdb::FileSystem::Default())).release();
  return env;
}

}  // namespace rocksdb_live
