// An index, by key, of the writes in a transaction's batch. The bytes stay in the batch.
//
// Each record has a number. Reading as of a number sees the records before it, so a scan sees
// exactly what was written before it began.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/reads/read_layer.h"
#include "engine/writes/batch_check.h"

namespace rocksdb_live {

// Guarded by its transaction's mutex.
class OwnIndex {
 public:
  // `batch` is in wire format and must outlive the index. It may grow, and may be cut with
  // RollBackTo.
  explicit OwnIndex(const std::string* batch) : batch_(batch), records_(Order{batch}) {}
  OwnIndex(const OwnIndex&) = delete;
  OwnIndex& operator=(const OwnIndex&) = delete;

  // Indexes the records appended to the batch since the last call.
  void CatchUp();
  // Forgets the records that began at or after this byte of the batch.
  void RollBackTo(size_t size);
  void Clear();

  // The number as of which all current records, and no later ones, are visible.
  uint64_t mark() const { return next_number_; }
  bool Touches(uint32_t family) const;
  OwnWrite Look(const Family& family, std::string_view key, uint64_t mark) const;
  // Whether a deleted range covers the key, and if so the widest bounds around it.
  bool IsDeleted(uint32_t family, std::string_view key, uint64_t mark, std::string* begin,
                 std::string* end) const;
  // The nearest key with a record, in a direction. Returns false if there is none.
  bool FindNext(uint32_t family, std::string_view from, bool inclusive, bool reverse, uint64_t mark,
                std::string* key) const;
  bool FindLast(uint32_t family, uint64_t mark, std::string* key) const;

 private:
  struct Part {
    size_t offset = 0;
    size_t length = 0;
  };
  struct Record {
    uint32_t family = 0;
    BatchRecord::Kind kind = BatchRecord::Kind::kDelete;
    Part key;
    Part second;
    uint64_t number = 0;
    size_t begin = 0;  // of the record in the batch
  };
  // Sort key of a lookup; the newest record of a key comes first.
  struct Place {
    uint32_t family;
    std::string_view key;
    uint64_t number;
  };
  struct Order {
    using is_transparent = void;
    const std::string* batch;
    Place At(const Record& record) const;
    bool operator()(const Record& a, const Record& b) const { return Before(At(a), At(b)); }
    bool operator()(const Record& a, const Place& b) const { return Before(At(a), b); }
    bool operator()(const Place& a, const Record& b) const { return Before(a, At(b)); }
    static bool Before(const Place& a, const Place& b);
  };

  std::string_view BytesOf(const Part& part) const {
    return std::string_view(*batch_).substr(part.offset, part.length);
  }
  bool HasVisible(std::set<Record, Order>::const_iterator at, uint64_t mark) const;

  const std::string* const batch_;
  size_t indexed_ = kBatchHeader;
  uint64_t next_number_ = 1;
  std::set<Record, Order> records_;
  std::vector<Record> ranges_;  // the deleted ranges, in order
};

}  // namespace rocksdb_live
