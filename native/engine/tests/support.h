// Shared by the engine's tests: a temporary directory, open requests, batches byte by byte.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/store.h"
#include "gtest/gtest.h"

namespace rocksdb_live {

// For EXPECT_TRUE: shows the error.
inline ::testing::AssertionResult IsOk(const Error& error) {
  if (error.ok()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << error.code_name() << ": " << error.message();
}

namespace testing {

class TempDir {
 public:
  TempDir() {
    std::random_device random;
    std::ostringstream name;
    name << "rocksdb-live-engine-" << std::hex << random() << random();
    path_ = std::filesystem::canonical(std::filesystem::temp_directory_path()) / name.str();
    std::filesystem::create_directories(path_);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path() const { return path_.u8string(); }
  std::string operator/(const std::string& name) const { return (path_ / name).u8string(); }

 private:
  std::filesystem::path path_;
};

// A closed gate at which threads wait until it is opened.
class Gate {
 public:
  void Open() {
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// A batch in RocksDB's wire format (db/write_batch.cc).
class BatchBuilder {
 public:
  static std::string Varint(uint32_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
    bytes.push_back(static_cast<char>(value));
    return bytes;
  }

  BatchBuilder& Put(uint32_t family, const std::string& key, const std::string& value) {
    return Add(0x5, family, {key, value});
  }
  BatchBuilder& Delete(uint32_t family, const std::string& key) { return Add(0x4, family, {key}); }
  BatchBuilder& Merge(uint32_t family, const std::string& key, const std::string& operand) {
    return Add(0x6, family, {key, operand});
  }
  BatchBuilder& DeleteRange(uint32_t family, const std::string& begin, const std::string& end) {
    return Add(0xE, family, {begin, end});
  }
  BatchBuilder& Add(unsigned char tag, uint32_t family, const std::vector<std::string>& parts) {
    records_.push_back(static_cast<char>(tag));
    records_ += Varint(family);
    return Parts(parts);
  }
  // A record for the default family.
  BatchBuilder& AddPlain(unsigned char tag, const std::vector<std::string>& parts) {
    records_.push_back(static_cast<char>(tag));
    return Parts(parts);
  }

  std::string Build() const { return WithHeader(count_, records_); }
  static std::string WithHeader(uint32_t count, const std::string& records) {
    std::string batch(kBatchHeader, '\0');
    for (size_t i = 0; i < 4; ++i) batch[8 + i] = static_cast<char>(count >> (8 * i) & 0xFF);
    return batch + records;
  }

 private:
  BatchBuilder& Parts(const std::vector<std::string>& parts) {
    for (const std::string& part : parts) records_ += Varint(part.size()) + part;
    ++count_;
    return *this;
  }

  uint32_t count_ = 0;
  std::string records_;
};

inline OpenRequest RequestFor(const std::string& path) {
  OpenRequest request;
  request.path = path;
  request.shared = {{"block_cache_bytes", std::to_string(8 << 20)}};
  return request;
}

// Opens, or fails the test and returns null.
inline std::shared_ptr<Store> OpenStore(const OpenRequest& request) {
  Result<std::shared_ptr<Store>> opened = Store::Open(request);
  EXPECT_TRUE(opened.ok()) << opened.error.message();
  return opened.value;
}

inline Error Put(Store* store, uint32_t family, const std::string& key, const std::string& value,
                 uint32_t flags = 0) {
  std::string batch = BatchBuilder().Put(family, key, value).Build();
  return store->Write(&batch, flags);
}

// Returns the value, "(none)", or the error's text.
inline std::string Get(Store* store, uint32_t family, const std::string& key) {
  std::string value;
  const std::shared_ptr<Family> found = store->FindFamily(family);
  if (!found) return "(no family)";
  const rocksdb::Status status =
      found->db()->Get(rocksdb::ReadOptions(), found->handle(), key, &value);
  if (status.IsNotFound()) return "(none)";
  return status.ok() ? value : status.ToString();
}

inline std::string Key(int number) {
  std::string digits = std::to_string(number);
  return "key" + std::string(6 - digits.size(), '0') + digits;
}

}  // namespace testing
}  // namespace rocksdb_live
