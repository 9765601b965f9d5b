// Rows that expire. In a family whose rows do, each value is stored in an envelope: 8 bytes, big
// endian, with the moment from which on the row is gone, in milliseconds since 1970 (0: never);
// then the value.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "rocksdb/slice.h"

namespace rocksdb_live {

constexpr size_t kEnvelopeBytes = 8;

// How the rows of one family expire, and how many have. Any thread.
struct Expiry {
  // How long after that moment a row may still be in files: no view may be older than that.
  uint64_t grace_ms = 3600000;
  // How long rows live unless a put says otherwise; 0 means forever.
  uint64_t after_ms = 0;
  // Expired rows that reads have passed over, and that compactions have dropped.
  mutable std::atomic<uint64_t> hidden{0};
  mutable std::atomic<uint64_t> dropped{0};
};

// The moment in an envelope, of which `stored` has at least the 8 bytes.
inline uint64_t ExpiryOf(const rocksdb::Slice& stored) {
  uint64_t moment = 0;
  for (size_t i = 0; i < kEnvelopeBytes; ++i) {
    moment = moment << 8 | static_cast<unsigned char>(stored[i]);
  }
  return moment;
}

// Whether a row with this moment is gone at `now`.
inline bool HasExpired(uint64_t moment, uint64_t now) { return moment != 0 && moment <= now; }

}  // namespace rocksdb_live
