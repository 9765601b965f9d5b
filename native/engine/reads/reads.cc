#include "engine/reads/reads.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "engine/base/exceptions.h"
#include "engine/reads/expired.h"
#include "rocksdb/system_clock.h"

namespace rocksdb_live {
namespace {

using rocksdb::PinnableSlice;
using rocksdb::Slice;
using rocksdb::Status;

// A ManyRead keeps its memory for up to this many keys.
constexpr size_t kKeptKeys = 1024;

// Combines the database's answer with the layer above it.
void LayOver(const Family& family, const ReadLayer& layer, const Slice& key, PinnableSlice* value,
             Status* status) {
  if (!status->ok() && !status->IsNotFound()) return;
  OwnWrite own = layer.Look(family, key);
  if (own.kind == OwnWrite::Kind::kNone) return;
  Status merged;
  if (own.kind == OwnWrite::Kind::kOperands) {
    merged = own.Merge(family, key, status->ok() ? value : nullptr);
  }
  value->Reset();
  *status = own.kind == OwnWrite::Kind::kDeleted ? Status::NotFound() : merged;
  if (status->ok()) *value->GetSelf() = std::move(own.value);
  if (status->ok()) value->PinSelf();
}

bool Alike(const PendingRead& a, const PendingRead& b) {
  return a.flags == b.flags && a.snapshot == b.snapshot && a.deadline == b.deadline &&
         a.family->db() == b.family->db();
}

void Collect(const PendingRead& read, const Status& status, const Slice& value,
             ReadResults* results) {
  const size_t index = results->ids.size();
  results->ids.push_back(read.id);
  read.timed.End();
  if (status.IsNotFound()) {
    results->lengths.push_back(kMissing);
  } else if (!status.ok()) {
    results->lengths.push_back(kFailed);
    results->errors.emplace_back(index, Error::From(status));
  } else if ((read.flags & kPresence) != 0) {
    results->lengths.push_back(0);
  } else if (results->bytes.size() + value.size() >= kFailed) {
    results->lengths.push_back(kFailed);
    results->errors.emplace_back(
        index, Error(Code::kTryAgain, "values read together are over 4 GiB; read them one by one"));
  } else {
    results->lengths.push_back(static_cast<uint32_t>(value.size()));
    results->bytes.append(value.data(), value.size());
  }
}

void RunAlike(const PendingRead* reads, size_t count, ReadResults* results) {
  std::vector<rocksdb::ColumnFamilyHandle*> families(count);
  std::vector<Slice> keys(count);
  std::vector<PinnableSlice> values(count);
  std::vector<Status> statuses(count);
  for (size_t i = 0; i < count; ++i) {
    families[i] = reads[i].family->handle();
    keys[i] = reads[i].key;
  }
  rocksdb::ReadOptions options =
      MakeReadOptions(reads->flags, reads->snapshot ? reads->snapshot->get() : nullptr);
  options.deadline = reads->deadline;
  reads->family->db()->MultiGet(options, count, families.data(), keys.data(), values.data(),
                                statuses.data());
  Expired expired(reads->snapshot.get(), reads->flags);
  for (size_t i = 0; i < count; ++i) {
    const PendingRead& read = reads[i];
    if (read.layer) LayOver(*read.family, *read.layer, keys[i], &values[i], &statuses[i]);
    expired.Apply(*read.family, &values[i], &statuses[i]);
    Collect(read, statuses[i], values[i], results);
  }
}

}  // namespace

Deadline DeadlineIn(double milliseconds) {
  if (milliseconds <= 0) return Deadline(0);
  const uint64_t now = rocksdb::SystemClock::Default()->NowMicros();
  return Deadline(static_cast<int64_t>(static_cast<double>(now) + milliseconds * 1000));
}

namespace {

ReadResults ReadAll(const std::vector<PendingRead>& reads) {
  ReadResults results;
  results.ids.reserve(reads.size());
  results.lengths.reserve(reads.size());
  for (size_t begin = 0; begin < reads.size();) {
    size_t end = begin + 1;
    while (end < reads.size() && Alike(reads[begin], reads[end])) ++end;
    RunAlike(&reads[begin], end - begin, &results);
    begin = end;
  }
  return results;
}

}  // namespace

ReadResults RunReads(const std::vector<PendingRead>& reads) {
  try {
    return ReadAll(reads);
  } catch (...) {
    return FailReads(reads, CaughtError());
  }
}

ReadResults FailReads(const std::vector<PendingRead>& reads, const Error& why) {
  ReadResults results;
  for (const PendingRead& read : reads) {
    results.errors.emplace_back(results.ids.size(), why);
    results.ids.push_back(read.id);
    results.lengths.push_back(kFailed);
  }
  return results;
}

void ManyRead::Clear() {
  for (PinnableSlice& value : values_) value.Reset();
  if (values_.size() > kKeptKeys) {
    values_ = std::vector<PinnableSlice>();
    statuses_ = std::vector<Status>();
    keys_ = std::vector<Slice>();
  }
  keys_.clear();
  total_ = 0;
  not_cached_ = false;
}

Error ManyRead::Unpack(const Slice& packed, size_t count) {
  const size_t most = packed.size() / sizeof(uint32_t);
  keys_.reserve(std::min(count, most));
  size_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    uint32_t length = 0;
    if (packed.size() - at < sizeof length) break;
    std::memcpy(&length, packed.data() + at, sizeof length);
    at += sizeof length;
    if (packed.size() - at < length) break;
    keys_.emplace_back(packed.data() + at, length);
    at += length;
  }
  if (keys_.size() == count) return Error();
  return Error(Code::kInvalidArgument, "the packed keys are cut short");
}

// Key by key, up to the first that is not in memory: MultiGet reads data blocks from the disk
// whatever the tier (table/block_based/block_based_table_reader_sync_and_async.h).
void ManyRead::ReadMemory(const Family& family, uint32_t flags, rocksdb::ReadOptions options) {
  std::optional<Snapshot> view;
  if (options.snapshot == nullptr && keys_.size() > 1) {
    view.emplace(family.db());
    options.snapshot = view->get();
  }
  for (size_t i = 0; i < keys_.size(); ++i) {
    statuses_[i] = family.db()->Get(options, family.handle(), keys_[i], &values_[i]);
    if (WouldWait(statuses_[i], flags)) return;
  }
}

void ManyRead::LayOver(const Family& family, const ReadLayer& layer, uint32_t flags) {
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (WouldWait(statuses_[i], flags)) return;
    rocksdb_live::LayOver(family, layer, keys_[i], &values_[i], &statuses_[i]);
  }
}

void ManyRead::Hide(const Family& family, uint32_t flags, const Snapshot* snapshot) {
  Expired expired(snapshot, flags);
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (WouldWait(statuses_[i], flags)) return;
    expired.Apply(family, &values_[i], &statuses_[i]);
  }
}

Error ManyRead::Run(const Family& family, uint32_t flags, const Snapshot* snapshot,
                    Deadline deadline, const ReadLayer* layer) {
  if (values_.size() < keys_.size()) values_.resize(keys_.size());
  if (statuses_.size() < keys_.size()) statuses_.resize(keys_.size());
  rocksdb::ReadOptions options =
      MakeReadOptions(flags, snapshot == nullptr ? nullptr : snapshot->get());
  options.deadline = deadline;
  if ((flags & (kCacheOnly | kNoWait)) != 0) {
    ReadMemory(family, flags, options);
  } else {
    family.db()->MultiGet(options, family.handle(), keys_.size(), keys_.data(), values_.data(),
                          statuses_.data());
  }
  if (layer != nullptr) LayOver(family, *layer, flags);
  if (family.expiry() != nullptr) Hide(family, flags, snapshot);
  for (size_t i = 0; i < keys_.size(); ++i) {
    const Status& status = statuses_[i];
    if (status.ok()) {
      total_ += values_[i].size();
    } else if (WouldWait(status, flags)) {
      not_cached_ = true;
      return Error();
    } else if (!status.IsNotFound()) {
      return Error::From(status);
    }
  }
  if (total_ < kFailed) return Error();
  return Error(Code::kTryAgain, "the values are over 4 GiB together; ask for fewer keys");
}

void ManyRead::CopyTo(char* bytes, uint32_t* lengths) const {
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (!statuses_[i].ok()) {
      lengths[i] = kMissing;
      continue;
    }
    lengths[i] = static_cast<uint32_t>(values_[i].size());
    std::memcpy(bytes, values_[i].data(), values_[i].size());
    bytes += values_[i].size();
  }
}

Result<ManyValues> ManyJob::Run() const {
  ManyRead read;
  Error error = read.Unpack(packed, count);
  if (error.ok()) error = read.Run(*family, flags, snapshot.get(), deadline, layer.get());
  if (!error.ok()) return error;
  ManyValues values;
  values.lengths.resize(read.count());
  values.bytes.resize(read.total_bytes());
  read.CopyTo(values.bytes.data(), values.lengths.data());
  return values;
}

}  // namespace rocksdb_live
