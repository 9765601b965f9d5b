// A session's point reads.
#include <utility>

#include "engine/base/exceptions.h"
#include "engine/store/session.h"

namespace rocksdb_live {
namespace {

void NoteKeys(Transaction* transaction, const Family& family, const ManyRead& many) {
  if (family.expiry() != nullptr) transaction->NoteExpiry(*family.expiry());
  for (const rocksdb::Slice& key : many.keys()) {
    transaction->NoteKey(family.id(), {key.data(), key.size()});
  }
  static_cast<void>(transaction->Mark());
}

// How long those that are measured have waited for this thread.
std::vector<std::pair<uint32_t, Timings>> WaitsOf(const std::vector<PendingRead>& reads) {
  std::vector<std::pair<uint32_t, Timings>> waits;
  for (const PendingRead& read : reads) {
    if (!Measuring::IsSet(read.since)) continue;
    Timings timings;
    timings.queue_ms = Measuring::Ms(Measuring::Clock::now() - read.since);
    waits.emplace_back(read.id, timings);
  }
  return waits;
}

}  // namespace

Result<Answer> Session::Read(const PointRead& read) {
  Error error;
  const std::shared_ptr<Family>& family = FindFamily(read.family, read.snapshot, &error);
  if (!family) return error;
  if (read.snapshot == 0) return reads_.Read(*family, nullptr, read.key, read.flags);
  const View view = FindView(read.snapshot, &error);
  if (!view.snapshot) return error;
  if (view.transaction) return ReadIn(view.transaction.get(), *family, read);
  return reads_.Read(*family, view.snapshot.get(), read.key, read.flags);
}

Session::View Session::FindView(uint32_t id, Error* error) const {
  View view;
  view.transaction = resources_.Find<Transaction>(id, error);
  if (!view.transaction) {
    *error = Error();
    view.snapshot = resources_.Find<Snapshot>(id, error);
    return view;
  }
  view.snapshot = view.transaction->snapshot();
  if (!view.snapshot) *error = Error(Code::kBusy, "the transaction has not begun");
  return view;
}

Result<Answer> Session::ReadIn(Transaction* transaction, const Family& family,
                               const PointRead& read) {
  transaction->NoteKey(family.id(), read.key);
  if (family.expiry() != nullptr) transaction->NoteExpiry(*family.expiry());
  const Snapshot* const snapshot = transaction->snapshot().get();
  if (!transaction->has_writes()) return reads_.Read(family, snapshot, read.key, read.flags);
  static_cast<void>(transaction->Mark());
  const rocksdb::Slice key(read.key.data(), read.key.size());
  OwnWrite own = transaction->Look(family, key);
  if (own.kind == OwnWrite::Kind::kDeleted) return Answer::kMissing;
  Result<Answer> answer = Answer::kMissing;
  if (own.needs_base()) answer = reads_.Read(family, snapshot, read.key, read.flags);
  if (own.kind == OwnWrite::Kind::kNone) return answer;
  if (own.kind == OwnWrite::Kind::kOperands) {
    if (!answer.ok() || answer.value == Answer::kWaits) return answer;
    const rocksdb::Slice base(reads_.value().data(), reads_.value().size());
    const rocksdb::Status merged =
        own.Merge(family, key, answer.value == Answer::kFound ? &base : nullptr);
    if (!merged.ok()) return Error::From(merged);
  }
  return reads_.Take(family, snapshot, std::move(own.value), read.flags);
}

Result<Answer> Session::TryRead(PointRead read) {
  read.flags |= kNoWait;
  return Read(read);
}

Error Session::QueueRead(uint32_t id, const PointRead& read, Deadline deadline) {
  Error error;
  PendingRead pending;
  pending.id = id;
  pending.family = FindFamily(read.family, read.snapshot, &error);
  if (error.ok() && read.snapshot != 0) {
    View view = FindView(read.snapshot, &error);
    pending.snapshot = std::move(view.snapshot);
    pending.layer = std::move(view.transaction);
  }
  if (!error.ok()) return error;
  pending.key = read.key;
  pending.flags = read.flags;
  pending.deadline = deadline;
  pending.since = Measuring::Since();
  reads_.Queue(std::move(pending));
  return error;
}

void Session::SubmitReads(const std::function<void(ReadResults)>& done) {
  if (!open_) return;
  for (std::vector<PendingRead>& job : reads_.TakeJobs()) {
    auto reads = std::make_shared<std::vector<PendingRead>>(std::move(job));
    try {
      store_->executor().Run([lease = TakeLease(), done, reads]() mutable {
        std::vector<std::pair<uint32_t, Timings>> timings = WaitsOf(*reads);
        ReadResults results = RunReads(*reads);
        results.timings = std::move(timings);
        reads.reset();
        done(std::move(results));
        lease.reset();
      });
    } catch (...) {
      done(FailReads(*reads, CaughtError()));
    }
  }
}

Error Session::ReadMany(const ManyRequest& request, std::string_view packed) {
  Error error;
  const std::shared_ptr<Family>& family = FindFamily(request.family, request.snapshot, &error);
  if (!family) return error;
  View view;
  if (request.snapshot != 0) view = FindView(request.snapshot, &error);
  if (error.ok()) error = many_.Unpack(packed, request.count);
  if (!error.ok()) return error;
  if (view.transaction) {
    NoteKeys(view.transaction.get(), *family, many_);
  }
  return many_.Run(*family, request.flags, view.snapshot.get(), Deadline(0),
                   view.transaction.get());
}

Result<ManyJob> Session::PrepareMany(const ManyRequest& request, std::string_view packed,
                                     Deadline deadline) {
  Error error;
  ManyJob job;
  job.family = FindFamily(request.family, request.snapshot, &error);
  if (error.ok() && request.snapshot != 0) {
    View view = FindView(request.snapshot, &error);
    job.snapshot = std::move(view.snapshot);
    if (error.ok() && view.transaction) {
      ManyRead keys;
      error = keys.Unpack(rocksdb::Slice(packed.data(), packed.size()), request.count);
      NoteKeys(view.transaction.get(), *job.family, keys);
    }
    job.layer = std::move(view.transaction);
  }
  if (!error.ok()) return error;
  job.packed = packed;
  job.count = request.count;
  job.flags = request.flags;
  job.deadline = deadline;
  return job;
}

}  // namespace rocksdb_live
