// Compiled with RocksDB, since it uses its inner headers. A RocksDB without these members fails to
// compile: then check whether this file is still needed.
#include "rocksdb_recovery.h"

#include <algorithm>
#include <limits>

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"

namespace rocksdb_live {
namespace {

using rocksdb::ColumnFamilyData;
using rocksdb::DBImpl;
using rocksdb::FlushReason;

// Gives access to private members of DBImpl: access is not checked for the arguments of an explicit
// instantiation, which defines the friend function that returns the member.
template <auto member, typename Name>
struct Reveal {
  friend constexpr auto Member(Name) { return member; }
};

struct Queue {
  friend constexpr auto Member(Queue);
};
struct Turns {
  friend constexpr auto Member(Turns);
};
struct Scheduled {
  friend constexpr auto Member(Scheduled);
};
struct Running {
  friend constexpr auto Member(Running);
};
struct Enqueue {
  friend constexpr auto Member(Enqueue);
};
struct Schedule {
  friend constexpr auto Member(Schedule);
};
struct Errors {
  friend constexpr auto Member(Errors);
};
template struct Reveal<&DBImpl::flush_queue_, Queue>;
template struct Reveal<&DBImpl::unscheduled_flushes_, Turns>;
template struct Reveal<&DBImpl::bg_flush_scheduled_, Scheduled>;
template struct Reveal<&DBImpl::num_running_flushes_, Running>;
template struct Reveal<&DBImpl::EnqueuePendingFlush, Enqueue>;
template struct Reveal<&DBImpl::MaybeScheduleFlushOrCompaction, Schedule>;
template struct Reveal<&DBImpl::error_handler_, Errors>;

// Repeats the flush request of a family if it was lost.
void AskAgain(DBImpl* db, ColumnFamilyData* family) {
  if (family->IsDropped() || !family->initialized()) return;
  if (family->queued_for_flush() || !family->imm()->IsFlushPending()) return;
  using Requests = std::remove_reference_t<decltype(db->*Member(Queue()))>;
  typename Requests::value_type request;
  request.flush_reason = FlushReason::kErrorRecovery;
  request.cfd_to_max_mem_id_to_persist.emplace(family, std::numeric_limits<uint64_t>::max());
  (db->*Member(Enqueue()))(request);
}

}  // namespace

void KeepRecoveryGoing(rocksdb::DB* base) {
  auto* const db = static_cast<DBImpl*>(base);
  rocksdb::InstrumentedMutexLock lock(db->mutex());
  auto& queue = db->*Member(Queue());
  for (auto& request : queue) {
    if (request.flush_reason != FlushReason::kErrorRecoveryRetryFlush) {
      request.flush_reason = FlushReason::kErrorRecovery;
    }
  }
  // An atomic flush is one request for all families, and the recovery's own request is never lost.
  if (!db->immutable_db_options().atomic_flush) {
    for (ColumnFamilyData* family : *db->GetVersionSet()->GetColumnFamilySet()) {
      AskAgain(db, family);
    }
  }
  // A job takes its request before it releases the mutex, so running jobs have theirs.
  const int taken = db->*Member(Scheduled()) - db->*Member(Running());
  int& turns = db->*Member(Turns());
  turns = std::max(turns, static_cast<int>(queue.size()) - taken);
  (db->*Member(Schedule()))();
}

rocksdb::Status BackgroundError(rocksdb::DB* base) {
  auto* const db = static_cast<DBImpl*>(base);
  rocksdb::InstrumentedMutexLock lock(db->mutex());
  return (db->*Member(Errors())).GetBGError();
}

}  // namespace rocksdb_live
