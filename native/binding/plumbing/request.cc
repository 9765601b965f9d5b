#include "binding/plumbing/request.h"

#include <algorithm>

namespace rocksdb_live {
namespace {

enum Slot : uint8_t {
  kFamily = 0,
  kSnapshot = 1,
  kFlags = 2,
  kLowerLength = 3,
  kUpperLength = 4,
  kLimit = 5,
  kReadaheadBytes = 6,
  kCount = 7,
  kKeysByteLength = 8,
};

double At(const SessionHandle& self, Slot slot) {
  const Environment::Shared& request = self.environment->request;
  if (request.data == nullptr) throw BadArgument{"setup comes first"};
  return reinterpret_cast<const double*>(request.data)[slot];
}

// A number from `least` to 2^53; NaN fails.
int64_t Integer(const SessionHandle& self, Slot slot, double least) {
  constexpr double kMost = 9007199254740992;
  const double value = At(self, slot);
  if (!(value >= least && value <= kMost)) throw BadArgument{"a number of request is out of range"};
  return static_cast<int64_t>(value);
}

uint32_t Uint32(const SessionHandle& self, Slot slot) {
  const double value = At(self, slot);
  if (!(value >= 0 && value <= 0xFFFFFFFF))
    throw BadArgument{"a number of request is out of range"};
  return static_cast<uint32_t>(value);
}

}  // namespace

Range RangeOf(const SessionHandle& self) {
  Range range;
  size_t offset = 0;
  const int64_t lower = Integer(self, kLowerLength, -1);
  const int64_t upper = Integer(self, kUpperLength, -1);
  if (lower >= 0) {
    range.lower.emplace(self.Key(static_cast<size_t>(lower)));
    offset = static_cast<size_t>(lower);
  }
  if (upper >= 0) range.upper.emplace(self.Key(static_cast<size_t>(upper), offset));
  return range;
}

uint32_t FamilyNumberOf(const SessionHandle& self) { return Uint32(self, kFamily); }

std::shared_ptr<Family> FamilyOf(const SessionHandle& self) {
  return self.FindFamily(Uint32(self, kFamily));
}

ScanRequest ScanOf(const SessionHandle& self) {
  ScanRequest scan;
  scan.family = Uint32(self, kFamily);
  scan.snapshot = Uint32(self, kSnapshot);
  scan.flags = Uint32(self, kFlags);
  scan.range = RangeOf(self);
  scan.range.limit = Integer(self, kLimit, -1);
  scan.range.reverse = (scan.flags & kReverse) != 0;
  scan.readahead_bytes = Uint32(self, kReadaheadBytes);
  return scan;
}

ManyRequest ManyOf(const SessionHandle& self) {
  ManyRequest many;
  many.family = Uint32(self, kFamily);
  many.snapshot = Uint32(self, kSnapshot);
  many.flags = Uint32(self, kFlags);
  many.count = Uint32(self, kCount);
  return many;
}

std::string_view BatchOf(const Call& call, size_t index) {
  const Bytes bytes = call.Buffer(index);
  const size_t size = call.Uint32(index + 1);
  if (size > bytes.size || size < kBatchHeader) throw BadArgument{"the batch is cut short"};
  return {bytes.data, size};
}

size_t KeysSizeOf(const SessionHandle& self, size_t size) {
  return std::min<size_t>(Uint32(self, kKeysByteLength), size);
}

}  // namespace rocksdb_live
