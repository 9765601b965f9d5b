#include "engine/transactions/own_index.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace rocksdb_live {
namespace {

using rocksdb::Slice;

constexpr uint64_t kNewest = std::numeric_limits<uint64_t>::max();

}  // namespace

OwnIndex::Place OwnIndex::Order::At(const Record& record) const {
  return {record.family, std::string_view(*batch).substr(record.key.offset, record.key.length),
          record.number};
}

bool OwnIndex::Order::Before(const Place& a, const Place& b) {
  if (a.family != b.family) return a.family < b.family;
  const int order = a.key.compare(b.key);
  return order != 0 ? order < 0 : a.number > b.number;
}

void OwnIndex::CatchUp() {
  if (batch_->size() <= indexed_) return;
  BatchWalk walk(*batch_, indexed_);
  BatchRecord read;
  const char* const base = batch_->data();
  for (const char* begin = walk.at(); walk.Next(&read); begin = walk.at()) {
    Record record;
    record.begin = static_cast<size_t>(begin - base);
    record.family = read.family;
    record.kind = read.kind;
    record.key = {static_cast<size_t>(read.key.data() - base), read.key.size()};
    if (!read.second.empty()) {
      record.second = {static_cast<size_t>(read.second.data() - base), read.second.size()};
    }
    record.number = next_number_++;
    if (read.kind == BatchRecord::Kind::kDeleteRange) {
      ranges_.push_back(record);
    } else {
      records_.insert(record);
    }
  }
  indexed_ = batch_->size();
}

void OwnIndex::RollBackTo(size_t size) {
  if (indexed_ <= size) return;
  const auto behind = [size](const Record& record) { return record.begin >= size; };
  for (auto at = records_.begin(); at != records_.end();) {
    at = behind(*at) ? records_.erase(at) : std::next(at);
  }
  ranges_.erase(std::remove_if(ranges_.begin(), ranges_.end(), behind), ranges_.end());
  indexed_ = size;
}

void OwnIndex::Clear() {
  records_.clear();
  ranges_.clear();
  indexed_ = kBatchHeader;
}

bool OwnIndex::Touches(uint32_t family) const {
  const auto at = records_.lower_bound(Place{family, {}, kNewest});
  if (at != records_.end() && at->family == family) return true;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [family](const Record& range) { return range.family == family; });
}

OwnWrite OwnIndex::Look(const Family& family, std::string_view key, uint64_t mark) const {
  OwnWrite own;
  const uint32_t id = family.id();
  uint64_t deleted = 0;  // number of the last range that covers the key
  for (const Record& range : ranges_) {
    if (range.number < mark && range.family == id && key >= BytesOf(range.key) &&
        key < BytesOf(range.second)) {
      deleted = range.number;
    }
  }
  std::optional<std::string_view> base;
  bool known = deleted != 0;  // whether the database's value is hidden
  auto at = records_.lower_bound(Place{id, key, mark - 1});
  for (; at != records_.end() && at->family == id && BytesOf(at->key) == key; ++at) {
    if (at->number < deleted) break;
    if (at->kind == BatchRecord::Kind::kMerge) {
      own.operands.emplace_back(BytesOf(at->second));
      continue;
    }
    known = true;
    if (at->kind == BatchRecord::Kind::kPut) base = BytesOf(at->second);
    break;
  }
  if (own.operands.empty() && !known) return own;
  if (own.operands.empty()) {
    own.kind = base ? OwnWrite::Kind::kValue : OwnWrite::Kind::kDeleted;
    if (base) own.value = *base;
    return own;
  }
  std::reverse(own.operands.begin(), own.operands.end());
  own.kind = OwnWrite::Kind::kOperands;
  own.over_known = known;
  if (base) own.base.emplace(*base);
  return own;
}

bool OwnIndex::IsDeleted(uint32_t family, std::string_view key, uint64_t mark, std::string* begin,
                         std::string* end) const {
  bool found = false;
  for (const Record& range : ranges_) {
    const std::string_view from = BytesOf(range.key);
    const std::string_view to = BytesOf(range.second);
    if (range.number >= mark || range.family != family || key < from || key >= to) continue;
    if (!found || from < *begin) *begin = from;
    if (!found || to > *end) *end = to;
    found = true;
  }
  return found;
}

bool OwnIndex::HasVisible(std::set<Record, Order>::const_iterator at, uint64_t mark) const {
  const auto newest = records_.lower_bound(Place{at->family, BytesOf(at->key), mark - 1});
  return newest != records_.end() && newest->family == at->family &&
         BytesOf(newest->key) == BytesOf(at->key);
}

bool OwnIndex::FindNext(uint32_t family, std::string_view from, bool inclusive, bool reverse,
                        uint64_t mark, std::string* key) const {
  // All records of a key lie between its newest number and 0.
  auto at = records_.lower_bound(Place{family, from, inclusive != reverse ? kNewest : 0});
  while (true) {
    if (reverse) {
      if (at == records_.begin()) return false;
      --at;
    } else if (at == records_.end()) {
      return false;
    }
    if (at->family != family) return false;
    if (HasVisible(at, mark)) {
      *key = BytesOf(at->key);
      return true;
    }
    if (!reverse) ++at;
  }
}

bool OwnIndex::FindLast(uint32_t family, uint64_t mark, std::string* key) const {
  auto at = records_.lower_bound(Place{family + 1, {}, kNewest});
  while (at != records_.begin()) {
    --at;
    if (at->family != family) return false;
    if (HasVisible(at, mark)) {
      *key = BytesOf(at->key);
      return true;
    }
  }
  return false;
}

}  // namespace rocksdb_live
