#include "engine/transactions/read_set.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace rocksdb_live {
namespace {

// Up to this many keys are compared one by one, which is faster than sorting them.
constexpr size_t kFewKeys = 8;
// How many neighbouring keys become one range.
constexpr size_t kKeysOfRange = 64;

bool Earlier(const KeyRange& a, const KeyRange& b) {
  return a.family != b.family ? a.family < b.family : a.lower < b.lower;
}

// Returns the first key after `key`.
std::string Behind(std::string_view key) {
  std::string next(key);
  next.push_back('\0');
  return next;
}

size_t SizeOf(const KeyRange& range) {
  return sizeof(KeyRange) + range.lower.size() + (range.upper ? range.upper->size() : 0);
}

}  // namespace

uint64_t FingerprintOf(uint32_t family, std::string_view key) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  return std::hash<std::string_view>()(key) ^ (uint64_t{family} + 1) * kOdd;
}

void ReadSet::AddKey(uint32_t family, std::string_view key) {
  keys_.push_back({0, family, static_cast<uint32_t>(key.size()), bytes_.size()});
  bytes_.append(key);
  if (bytes() > kMostBytes) Coarsen();
}

void ReadSet::AddRange(KeyRange range) {
  range_bytes_ += SizeOf(range);
  ranges_.push_back(std::move(range));
  if (bytes() > kMostBytes) Coarsen();
}

void ReadSet::Clear() {
  bytes_.clear();
  keys_.clear();
  ranges_.clear();
  range_bytes_ = 0;
}

bool ReadSet::Before(const Key& a, const Key& b) const {
  return a.family != b.family ? a.family < b.family : BytesOf(a) < BytesOf(b);
}

// Removes duplicate reads, then merges neighbouring keys and neighbouring ranges until half of the
// room is free.
void ReadSet::Coarsen() {
  std::sort(keys_.begin(), keys_.end(),
            [this](const Key& a, const Key& b) { return Before(a, b); });
  for (size_t i = 0; i < keys_.size();) {
    size_t end = i + 1;
    while (end < keys_.size() && end - i < kKeysOfRange && keys_[end].family == keys_[i].family) {
      ++end;
    }
    ranges_.push_back(
        {keys_[i].family, std::string(BytesOf(keys_[i])), Behind(BytesOf(keys_[end - 1]))});
    i = end;
  }
  keys_.clear();
  bytes_ = std::string();
  JoinRanges();
  while (bytes() > kMostBytes / 2 && ranges_.size() > 1) {
    std::vector<KeyRange> fewer;
    for (KeyRange& range : ranges_) {
      const bool second = !fewer.empty() && fewer.back().family == range.family &&
                          (&range - ranges_.data()) % 2 == 1;
      if (second) {
        fewer.back().upper = std::move(range.upper);
      } else {
        fewer.push_back(std::move(range));
      }
    }
    const bool done = fewer.size() == ranges_.size();
    ranges_ = std::move(fewer);
    JoinRanges();
    if (done) break;  // one range per family is left
  }
}

// Sorts the ranges and merges those that overlap.
void ReadSet::JoinRanges() {
  std::sort(ranges_.begin(), ranges_.end(), Earlier);
  std::vector<KeyRange> joined;
  range_bytes_ = 0;
  for (KeyRange& range : ranges_) {
    KeyRange* const last = joined.empty() ? nullptr : &joined.back();
    const bool overlaps = last != nullptr && last->family == range.family &&
                          (!last->upper || range.lower <= *last->upper);
    if (!overlaps) {
      joined.push_back(std::move(range));
    } else if (last->upper && (!range.upper || *range.upper > *last->upper)) {
      last->upper = std::move(range.upper);
    }
  }
  ranges_ = std::move(joined);
  for (const KeyRange& range : ranges_) range_bytes_ += SizeOf(range);
}

void ReadSet::Prepare() {
  for (Key& key : keys_) key.fingerprint = FingerprintOf(key.family, BytesOf(key));
  if (keys_.size() > kFewKeys) {
    std::sort(keys_.begin(), keys_.end(),
              [](const Key& a, const Key& b) { return a.fingerprint < b.fingerprint; });
  }
  if (ranges_.size() > 1) JoinRanges();
}

bool ReadSet::Has(uint32_t family, std::string_view key) const {
  if (!keys_.empty()) {
    const uint64_t fingerprint = FingerprintOf(family, key);
    if (keys_.size() <= kFewKeys) {
      for (const Key& read : keys_) {
        if (read.fingerprint == fingerprint) return true;
      }
    } else {
      const auto found = std::lower_bound(
          keys_.begin(), keys_.end(), fingerprint,
          [](const Key& read, uint64_t wanted) { return read.fingerprint < wanted; });
      if (found != keys_.end() && found->fingerprint == fingerprint) return true;
    }
  }
  if (ranges_.empty()) return false;
  // The last range that begins at or before the key.
  const auto behind = std::upper_bound(
      ranges_.begin(), ranges_.end(), std::make_pair(family, key),
      [](const std::pair<uint32_t, std::string_view>& at, const KeyRange& range) {
        return at.first != range.family ? at.first < range.family : at.second < range.lower;
      });
  if (behind == ranges_.begin()) return false;
  const KeyRange& range = *std::prev(behind);
  return range.family == family && range.Contains(key);
}

bool ReadSet::Meets(uint32_t family, std::string_view begin,
                    const std::optional<std::string_view>& end) const {
  for (const KeyRange& range : ranges_) {
    if (range.family == family && range.Meets(begin, end)) return true;
  }
  for (const Key& key : keys_) {
    const std::string_view bytes = BytesOf(key);
    if (key.family == family && bytes >= begin && (!end || bytes < *end)) return true;
  }
  return false;
}

}  // namespace rocksdb_live
