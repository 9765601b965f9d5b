// A session's point reads.
#include <utility>

#include "engine/base/exceptions.h"
#include "engine/store/session.h"

namespace rocksdb_live {

Result<Answer> Session::Read(const PointRead& read) {
  Error error;
  const std::shared_ptr<Family>& family = FindFamily(read.family, read.snapshot, &error);
  if (!family) return error;
  if (read.snapshot == 0) return reads_.Read(*family, nullptr, read.key, read.flags);
  const std::shared_ptr<Snapshot> snapshot = FindSnapshot(read.snapshot, &error);
  if (!snapshot) return error;
  return reads_.Read(*family, snapshot.get(), read.key, read.flags);
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
  if (error.ok()) pending.snapshot = FindSnapshot(read.snapshot, &error);
  if (!error.ok()) return error;
  pending.key = read.key;
  pending.flags = read.flags;
  pending.deadline = deadline;
  reads_.Queue(std::move(pending));
  return error;
}

void Session::SubmitReads(const std::function<void(ReadResults)>& done) {
  if (!open_) return;
  for (std::vector<PendingRead>& job : reads_.TakeJobs()) {
    auto reads = std::make_shared<std::vector<PendingRead>>(std::move(job));
    try {
      store_->executor().Run([lease = TakeLease(), done, reads]() mutable {
        ReadResults results = RunReads(*reads);
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
  const std::shared_ptr<Snapshot> snapshot = FindSnapshot(request.snapshot, &error);
  if (error.ok()) error = many_.Unpack(packed, request.count);
  if (!error.ok()) return error;
  return many_.Run(*family, request.flags, snapshot ? snapshot->get() : nullptr, Deadline(0));
}

Result<ManyJob> Session::PrepareMany(const ManyRequest& request, std::string_view packed,
                                     Deadline deadline) {
  Error error;
  ManyJob job;
  job.family = FindFamily(request.family, request.snapshot, &error);
  if (error.ok()) job.snapshot = FindSnapshot(request.snapshot, &error);
  if (!error.ok()) return error;
  job.packed = packed;
  job.count = request.count;
  job.flags = request.flags;
  job.deadline = deadline;
  return job;
}

}  // namespace rocksdb_live
