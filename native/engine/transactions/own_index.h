// An index of a transaction's batch: what it has written, by key. The bytes stay in the batch.
//
// Each record has a number. Whoever reads as of a number sees the records before it, so that a
// scan goes over what was written when it began.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/reads/read_layer.h"
#include "engine/writes/batch_check.h"

namespace rocksdb_live {

// Under its transaction's mutex.
class OwnIndex {
 public:
  // `batch` is in wire format and outlives the index; it may grow, and be cut with RollBackTo.
  explicit OwnIndex(const std::string* batch) : batch_(batch), records_(Order{batch}) {}
  OwnIndex(const OwnIndex&) = delete;
  OwnIndex& operator=(const OwnIndex&) = delete;

  // Takes in what was appended to the batch since the last time.
  void CatchUp();
  // Forgets records that began at or behind this byte of the batch.
  void RollBackTo(size_t size);
  void Clear();

  // Sees all that there is now, and nothing that comes later.
  uint64_t mark() const { return next_number_; }
  bool Touches(uint32_t family) const;
  OwnWrite Look(const Family& family, std::string_view key, uint64_t mark) const;
  // Whether a range that was deleted covers a key, and then the widest bounds around it.
  bool IsDeleted(uint32_t family, std::string_view key, uint64_t mark, std::string* begin,
                 std::string* end) const;
  // The nearest key with a record, in a direction; false where there is none.
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
  // What is looked for; the newest record of a key comes first.
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
  std::vector<Record> ranges_;  // that were deleted, in their order
};

}  // namespace rocksdb_live
