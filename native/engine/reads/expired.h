// What reads make of the rows of families that expire: those that are gone are hidden, the others
// lose their envelope. All reads go through here; in other families it does nothing.
#pragma once

#include <cstdint>

#include "engine/base/family.h"
#include "engine/readers/snapshot.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace rocksdb_live {

// The rows of one call, or of one walk: all are judged by the same moment.
class Expired {
 public:
  // The moment is the one at which `snapshot` was taken; now if it is null. `flags` are ReadFlags.
  Expired(const Snapshot* snapshot, uint32_t flags) : snapshot_(snapshot), flags_(flags) {}
  Expired(const Expired&) = delete;
  Expired& operator=(const Expired&) = delete;

  // Judges a value as it is stored. A row that is gone becomes Status::NotFound.
  void Apply(const Family& family, rocksdb::PinnableSlice* value, rocksdb::Status* status) {
    if (family.expiry() != nullptr) ApplyTo(family, value, status);
  }

  // Status::Expired if the family's rows may be gone from the files that the view would need.
  rocksdb::Status CheckAge(const Family& family);
  // Whether the row is to be seen. Sets `status` if the stored value has no envelope.
  bool IsSeen(const Family& family, const rocksdb::Slice& stored, rocksdb::Status* status);
  // How many bytes of a stored value the reader does not want.
  size_t skipped() const;

 private:
  void ApplyTo(const Family& family, rocksdb::PinnableSlice* value, rocksdb::Status* status);
  uint64_t Moment();

  const Snapshot* const snapshot_;
  const uint32_t flags_;
  uint64_t moment_ = 0;
};

}  // namespace rocksdb_live
