// Keys, values and orders of the benchmark, made from a seed; bench/support/data.mjs makes the same
// ones, and `bench_limit --self-check` prints the checksum by which both are compared.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "rocksdb/slice.h"

namespace bench {

using rocksdb::Slice;

constexpr size_t kKeySize = 16;
constexpr uint32_t kValues = 65536;  // distinct values
constexpr uint32_t kStride = 16;     // bytes from one to the next in the pool
constexpr uint32_t kPoolSeed = 0x2545f491;
constexpr uint32_t kReadSeed = 0x9e3779b9;
constexpr uint32_t kWriteSeed = 0x7f4a7c15;

// Murmur3's last step: a bijection of 32 bits.
inline uint32_t Mix(uint32_t h) {
  h ^= h >> 16;
  h *= 0x85ebca6b;
  h ^= h >> 13;
  h *= 0xc2b2ae35;
  return h ^ (h >> 16);
}

// Marsaglia's xorshift.
inline uint32_t Step(uint32_t x) {
  x ^= x << 13;
  x ^= x >> 17;
  return x ^ (x << 5);
}

inline uint32_t RandomHigh(uint64_t i) { return Mix(static_cast<uint32_t>(i) + 1); }

inline void WriteHex(uint32_t bits, char* out) {
  for (int digit = 7; digit >= 0; --digit, bits >>= 4) out[digit] = "0123456789abcdef"[bits & 15];
}

// Key i: 16 hexadecimal digits, in the order of i or scattered.
inline void WriteKey(uint64_t i, bool sequential, char* out) {
  const uint32_t high = sequential ? 0 : RandomHigh(i);
  WriteHex(high, out);
  WriteHex(sequential ? static_cast<uint32_t>(i) : Mix(high ^ kReadSeed), out + 8);
}

// Values are windows of one pool of 64 different characters. Of compressible ones, every other 8
// bytes are the same.
class Values {
 public:
  Values(size_t size, bool compressible) : size_(size), pool_(kValues * kStride + size, 'a') {
    const char* alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t x = kPoolSeed;
    for (size_t i = 0; i < pool_.size(); ++i) {
      x = Step(x);
      if (!compressible || (i & 8) == 0) pool_[i] = alphabet[(x >> 8) & 63];
    }
  }

  Slice operator[](uint64_t i) const {
    const uint32_t place = (static_cast<uint32_t>(i) * 40503u) & (kValues - 1);
    return Slice(pool_.data() + static_cast<size_t>(place) * kStride, size_);
  }

  size_t size() const { return size_; }

 private:
  size_t size_;
  std::string pool_;
};

// Every number below n once, in an order that the seed decides.
inline std::vector<uint32_t> Shuffled(uint32_t n, uint32_t seed) {
  std::vector<uint32_t> order(n);
  for (uint32_t i = 0; i < n; ++i) order[i] = i;
  uint32_t x = seed;
  for (uint32_t i = n; i > 1; --i) {
    x = Step(x);
    std::swap(order[i - 1], order[x % i]);
  }
  return order;
}

// From which account to which the j-th transfer goes: two different ones below `accounts`.
struct AccountPair {
  uint32_t from;
  uint32_t to;
};

inline AccountPair PairOf(uint64_t j, uint32_t accounts) {
  const uint32_t high = RandomHigh(j);
  const uint32_t from = high % accounts;
  const uint32_t apart = 1 + Mix(high ^ kWriteSeed) % (accounts - 1);
  return {from, (from + apart) % accounts};
}

// What is summed up over the rows of a scan.
inline uint64_t RowSum(const Slice& key, const Slice& value) {
  const auto at = [](const Slice& s, size_t i) { return static_cast<uint8_t>(s.data()[i]); };
  return uint64_t{at(key, 0)} + at(key, key.size() - 1) + at(value, 0) +
         at(value, value.size() - 1) + key.size() + value.size();
}

// The scattered rows below n in the order of their keys, with the sums of all rows before each.
class SortedRows {
 public:
  SortedRows(uint32_t n, const Values& values) : highs_(n), sums_(n + size_t{1}, 0) {
    std::vector<std::pair<uint32_t, uint32_t>> rows(n);
    for (uint32_t i = 0; i < n; ++i) rows[i] = {RandomHigh(i), i};
    std::sort(rows.begin(), rows.end());
    char key[kKeySize];
    for (uint32_t at = 0; at < n; ++at) {
      highs_[at] = rows[at].first;
      WriteKey(rows[at].second, false, key);
      sums_[at + size_t{1}] = sums_[at] + RowSum(Slice(key, kKeySize), values[rows[at].second]);
    }
  }

  uint64_t Total() const { return sums_.back(); }

  // The sum over `limit` rows from that of key i on.
  uint64_t SumFrom(uint32_t i, size_t limit) const {
    const auto found = std::lower_bound(highs_.begin(), highs_.end(), RandomHigh(i));
    const size_t from = static_cast<size_t>(found - highs_.begin());
    return sums_[std::min(from + limit, highs_.size())] - sums_[from];
  }

 private:
  std::vector<uint32_t> highs_;
  std::vector<uint64_t> sums_;
};

// Keys and values of some operations, made before the clock runs.
struct Chunk {
  std::string keys;
  std::vector<uint32_t> rows;
  std::vector<char> first;  // bytes of the values, to check what is read
  const Values* values = nullptr;

  size_t size() const { return rows.size(); }
  Slice key(size_t i) const { return Slice(keys.data() + i * kKeySize, kKeySize); }
  Slice value(size_t i) const { return (*values)[rows[i]]; }
};

}  // namespace bench
