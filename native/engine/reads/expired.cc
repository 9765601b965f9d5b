#include "engine/reads/expired.h"

#include <string>

#include "engine/base/clock.h"
#include "engine/base/expiry.h"
#include "engine/base/read_options.h"

namespace rocksdb_live {

using rocksdb::Slice;
using rocksdb::Status;

uint64_t Expired::Moment() {
  if (moment_ == 0) moment_ = snapshot_ == nullptr ? NowMs() : snapshot_->taken_ms();
  return moment_;
}

size_t Expired::skipped() const { return (flags_ & kEnvelope) != 0 ? 0 : kEnvelopeBytes; }

Status Expired::CheckAge(const Family& family) {
  if (snapshot_ == nullptr) return Status::OK();
  const uint64_t now = NowMs();
  const uint64_t grace = family.expiry()->grace_ms;
  if (now <= snapshot_->taken_ms() || now - snapshot_->taken_ms() <= grace) return Status::OK();
  return Status::Expired("the snapshot or transaction is older than " + std::to_string(grace) +
                         " ms, the time for which column family \"" + family.name() +
                         "\" keeps rows that have expired: take a new one");
}

bool Expired::IsSeen(const Family& family, const Slice& stored, Status* status) {
  if (stored.size() < kEnvelopeBytes) {
    *status = Status::Corruption("column family \"" + family.name() +
                                 "\" has rows that expire, and a value of " +
                                 std::to_string(stored.size()) +
                                 " bytes, which is too short to begin with a time: it was written "
                                 "by another program; put a right value over it, or delete it");
    return false;
  }
  return !HasExpired(ExpiryOf(stored), Moment());
}

void Expired::ApplyTo(const Family& family, rocksdb::PinnableSlice* value, Status* status) {
  if (!status->ok() && !status->IsNotFound()) return;
  Status age = CheckAge(family);
  if (!age.ok()) {
    *status = std::move(age);
    return;
  }
  if (!status->ok()) return;
  if (IsSeen(family, *value, status)) {
    if (skipped() != 0) value->remove_prefix(skipped());
    return;
  }
  value->Reset();
  if (!status->ok()) return;
  family.expiry()->hidden.fetch_add(1, std::memory_order_relaxed);
  *status = Status::NotFound();
}

}  // namespace rocksdb_live
