// What a transaction has read: keys, whether they existed or not, and ranges. Its memory is
// bounded: beyond the bound, neighbouring keys become ranges, which may add conflicts but never
// misses one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb_live {

// A range of one family; no upper bound means no end.
struct KeyRange {
  uint32_t family = 0;
  std::string lower;
  std::optional<std::string> upper;  // exclusive

  bool Contains(std::string_view key) const { return key >= lower && (!upper || key < *upper); }
  bool Meets(std::string_view begin, const std::optional<std::string_view>& end) const {
    return (!upper || begin < *upper) && (!end || std::string_view(lower) < *end);
  }
};

// Equal for equal keys of equal families, and for few others.
uint64_t FingerprintOf(uint32_t family, std::string_view key);

// Use on one thread at a time.
class ReadSet {
 public:
  static constexpr size_t kMostBytes = size_t{1} << 20;

  void AddKey(uint32_t family, std::string_view key);
  void AddRange(KeyRange range);
  void Clear();
  bool empty() const { return keys_.empty() && ranges_.empty(); }
  size_t count() const { return keys_.size() + ranges_.size(); }
  size_t bytes() const { return bytes_.size() + range_bytes_ + keys_.size() * sizeof(Key); }

  // Prepares for the queries below. Nothing may be added after that until Clear.
  void Prepare();
  // Whether the key was read.
  bool Has(uint32_t family, std::string_view key) const;
  // Whether any key in the range was read; no end means no bound.
  bool Meets(uint32_t family, std::string_view begin,
             const std::optional<std::string_view>& end) const;
  template <typename Visit>
  void EachFingerprint(Visit visit) const {
    for (const Key& key : keys_) visit(key.fingerprint);
  }
  size_t keys() const { return keys_.size(); }
  bool has_ranges() const { return !ranges_.empty(); }

 private:
  struct Key {
    uint64_t fingerprint;
    uint32_t family;
    uint32_t length;
    size_t offset;
  };

  std::string_view BytesOf(const Key& key) const {
    return std::string_view(bytes_).substr(key.offset, key.length);
  }
  bool Before(const Key& a, const Key& b) const;
  void Coarsen();
  void JoinRanges();

  std::string bytes_;  // of the keys
  std::vector<Key> keys_;
  std::vector<KeyRange> ranges_;  // once prepared: sorted and disjoint
  size_t range_bytes_ = 0;
};

}  // namespace rocksdb_live
