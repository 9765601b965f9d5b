#include "engine/transactions/over_iterator.h"

#include <utility>

#include "engine/transactions/transaction.h"

namespace rocksdb_live {

using rocksdb::Slice;
using rocksdb::Status;

namespace {

std::string_view View(const Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace

OverIterator::OverIterator(std::unique_ptr<rocksdb::Iterator> base, const RangeConfig& config,
                           const Transaction* transaction)
    : base_(std::move(base)), config_(config), transaction_(transaction) {}

void OverIterator::SeekToFirst() {
  reverse_ = false;
  base_->SeekToFirst();
  FindOwn(config_.range.lower ? Slice(*config_.range.lower) : Slice(), true);
  Settle();
}

void OverIterator::SeekToLast() {
  reverse_ = true;
  base_->SeekToLast();
  if (config_.range.upper) {
    FindOwn(*config_.range.upper, false);
  } else {
    const uint32_t family = config_.family->id();
    has_own_ = transaction_->WithIndex([&](const OwnIndex& index) {
      return index.FindLast(family, config_.layer_mark, &own_key_);
    });
    if (has_own_ && config_.range.lower && own_key_ < *config_.range.lower) has_own_ = false;
  }
  Settle();
}

void OverIterator::Seek(const Slice& target) {
  reverse_ = false;
  const bool outside = config_.range.lower && target.compare(*config_.range.lower) < 0;
  const Slice from = outside ? Slice(*config_.range.lower) : target;
  base_->Seek(from);
  FindOwn(from, true);
  Settle();
}

void OverIterator::SeekForPrev(const Slice& target) {
  reverse_ = true;
  const bool outside = config_.range.upper && target.compare(*config_.range.upper) >= 0;
  if (outside) return SeekToLast();
  base_->SeekForPrev(target);
  FindOwn(target, true);
  Settle();
}

void OverIterator::StepBase() { reverse_ ? base_->Prev() : base_->Next(); }

void OverIterator::Move(bool reverse) {
  if (reverse != reverse_) {
    const std::string here = key().ToString();
    reverse ? SeekForPrev(here) : Seek(here);
    if (!Valid() || key() != here) return;
  }
  if (at_ != At::kOwn) StepBase();
  if (at_ != At::kBase) {
    const std::string from = own_key_;
    FindOwn(from, false);
  }
  Settle();
}

// Skips the rows in deleted ranges.
void OverIterator::SkipDeleted() {
  std::string begin;
  std::string end;
  while (base_->Valid()) {
    const Slice key = base_->key();
    const bool deleted = transaction_->WithIndex([&](const OwnIndex& index) {
      return index.IsDeleted(config_.family->id(), View(key), config_.layer_mark, &begin, &end);
    });
    if (!deleted) return;
    if (!reverse_) {
      base_->Seek(end);
      continue;
    }
    base_->SeekForPrev(begin);
    if (base_->Valid() && base_->key() == begin) base_->Prev();
  }
}

void OverIterator::FindOwn(const Slice& from, bool inclusive) {
  const uint32_t family = config_.family->id();
  std::string found;
  has_own_ = transaction_->WithIndex([&](const OwnIndex& index) {
    return index.FindNext(family, View(from), inclusive, reverse_, config_.layer_mark, &found);
  });
  own_key_ = std::move(found);
  if (!has_own_) return;
  const auto& bound = reverse_ ? config_.range.lower : config_.range.upper;
  if (bound && (reverse_ ? own_key_ < *bound : own_key_ >= *bound)) has_own_ = false;
}

// Returns false if there is no such row.
bool OverIterator::SettleOwn(bool on_base) {
  own_ = transaction_->WithIndex([&](const OwnIndex& index) {
    return index.Look(*config_.family, own_key_, config_.layer_mark);
  });
  if (own_.kind == OwnWrite::Kind::kDeleted) return false;
  if (own_.kind == OwnWrite::Kind::kOperands) {
    const Slice base = on_base ? base_->value() : Slice();
    status_ = own_.Merge(*config_.family, own_key_, on_base ? &base : nullptr);
  }
  return true;
}

void OverIterator::Settle() {
  while (true) {
    at_ = At::kEnd;
    SkipDeleted();
    // A block that cannot be read ends the walk: what lies behind it is unknown.
    if (!base_->Valid() && !base_->status().ok()) return;
    if (!has_own_ && !base_->Valid()) return;
    int order = has_own_ ? -1 : 1;
    if (has_own_ && base_->Valid()) {
      order = Slice(own_key_).compare(base_->key());
      if (reverse_) order = -order;
    }
    if (order > 0) {
      at_ = At::kBase;
      return;
    }
    if (SettleOwn(order == 0)) {
      if (status_.ok()) at_ = order == 0 ? At::kBoth : At::kOwn;
      return;
    }
    if (order == 0) StepBase();
    const std::string from = own_key_;
    FindOwn(from, false);
  }
}

Slice OverIterator::key() const { return at_ == At::kBase ? base_->key() : Slice(own_key_); }

Slice OverIterator::value() const { return at_ == At::kBase ? base_->value() : Slice(own_.value); }

Status OverIterator::status() const { return status_.ok() ? base_->status() : status_; }

}  // namespace rocksdb_live
