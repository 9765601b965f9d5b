// Commits as lib/changes reads them: little endian, one after another.
//
//   u64 first sequence, u64 last sequence, f64 time in ms (0: unknown), u32 incarnation,
//   u32 family records read, u32 operations; then each operation:
//   u8 kind, u32 family, u32 key length, key, u32 second length, second
//
// Of a family that was created: its name and that of its merge operator.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/error.h"
#include "engine/changes/history.h"
#include "engine/changes/token.h"
#include "rocksdb/write_batch.h"

namespace rocksdb_live {

enum class ChangeKind : uint8_t {
  kPut,
  kDelete,
  kMerge,
  kDeleteRange,
  kCreateFamily,
  kDropFamily,
};

class ChangePage {
 public:
  explicit ChangePage(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Whether it has commits, and is as large as it may become.
  bool empty() const { return bytes_.empty(); }
  bool full() const { return bytes_.size() >= most_bytes_; }
  size_t room() const { return full() ? 0 : most_bytes_ - bytes_.size(); }
  // Appends the operations of a batch, which begins with `first`, from position->next on.
  Error AddBatch(const rocksdb::WriteBatch& batch, uint64_t first, uint64_t end, double time_ms,
                 Position* position);
  // Appends a family that was created or dropped.
  void AddFamily(const FamilyRecord& record, const Position& position);
  std::string Take() { return std::move(bytes_); }

 private:
  const size_t most_bytes_;
  std::string bytes_;
};

}  // namespace rocksdb_live
