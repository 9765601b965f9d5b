// How what is in a replica's log is written: its own proposals, and the records of others.
#include <utility>

#include "engine/base/byte_reader.h"
#include "engine/base/exceptions.h"
#include "engine/replica/replica.h"
#include "engine/replica/told.h"
#include "engine/writes/batch_check.h"

namespace rocksdb_live {
namespace {

// What is written together stays below this, as in the commit queue.
constexpr size_t kWriteBytes = size_t{1} << 20;

bool IsRefusal(const Error& error) {
  return error.outcome() == Outcome::kNotApplied &&
         (error.code() == Code::kDropped || error.code() == Code::kInvalidArgument ||
          error.code() == Code::kNotSupported);
}

constexpr int kMostTries = 250;
constexpr std::chrono::milliseconds kBetweenTries{20};

bool IsBusy(const Error& error) {
  return error.code() == Code::kBusy && error.outcome() == Outcome::kNotApplied;
}

Error CutShort() {
  return Error(Code::kCorruption, "the records of the replica's log are cut short");
}

// Merges are not the same when they are applied twice.
Error AppliedBefore(const ReplicaPosition& place) {
  return Error(Code::kInvalidArgument, "proposal " + std::to_string(place.ordinal) + " of epoch " +
                                           std::to_string(place.epoch) + ", record " +
                                           std::to_string(place.sequence) +
                                           " of the log, was applied before");
}

bool Follows(const std::optional<ReplicaPosition>& before, const ReplicaPosition& next,
             bool has_body) {
  if (!before || before->log_id != next.log_id || next.epoch > before->epoch) return true;
  return next.epoch == before->epoch && next.sequence >= before->sequence &&
         next.ordinal >= before->ordinal + (has_body ? 1 : 0);
}

}  // namespace

void Replica::StartThread() {
  if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
}

void Replica::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock,
                  [this] { return stopping_ || !logged_.empty() || apply_done_ || confirm_; });
    if (logged_.empty() && !apply_done_ && !confirm_) return;
    ++writing_;
    if (!logged_.empty()) {
      const std::vector<Shared> group = TakeLogged();
      Error error = failed_;
      lock.unlock();
      if (error.ok()) error = Caught([&] { return WriteLogged(group); });
      FinishLogged(group, error);
      lock.lock();
      continue;
    }
    std::string records = std::exchange(records_, std::string());
    const bool confirms = !apply_done_;
    confirm_ = false;
    lock.unlock();
    const Error error = Caught([&] { return confirms ? ConfirmPlace() : ApplyAll(records); });
    Told told;
    lock.lock();
    --writing_;
    if (!confirms) told.Add(std::exchange(apply_done_, nullptr), error);
    TellQuiet(&told);
    lock.unlock();
    told.Tell();
    lock.lock();
  }
}

// Takes a family by itself, or commits that can be written together.
std::vector<Replica::Shared> Replica::TakeLogged() {
  std::vector<Shared> group;
  size_t bytes = 0;
  while (!logged_.empty()) {
    const Shared& next = logged_.front();
    const bool alone = next->kind != BodyKind::kCommit;
    if (!group.empty() && (alone || bytes + next->batch.size() > kWriteBytes)) break;
    bytes += next->batch.size();
    group.push_back(next);
    logged_.pop_front();
    if (alone) break;
  }
  return group;
}

Error Replica::WriteLogged(const std::vector<Shared>& group) {
  const std::lock_guard<std::mutex> placing(placing_);
  const Proposal& last = *group.back();
  ReplicaPosition place;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    place.sequence = position_ && position_->epoch == last.epoch ? position_->sequence : last.epoch;
    place.log_id = log_id_;
  }
  place.epoch = last.epoch;
  place.ordinal = last.ordinal;
  for (const Shared& each : group) {
    if (each->sequence != 0) place.sequence = each->sequence;
  }
  if (last.kind != BodyKind::kCommit) return WriteFamily(last, place);
  std::string batch = group.front()->batch;
  std::vector<BatchSize> parts;
  uint32_t count = 0;
  for (const Shared& each : group) {
    if (each != group.front()) batch.append(each->batch, kBatchHeader, std::string::npos);
    count += BatchCount(each->batch);
    parts.insert(parts.end(), each->parts.begin(), each->parts.end());
  }
  SetBatchCount(&batch, count);
  return WritePlace(&batch, 0, parts, place, true);
}

Error Replica::WriteFamily(const Proposal& proposal, const ReplicaPosition& place) {
  Error error = proposal.kind == BodyKind::kCreateFamily
                    ? host_->MakeLogged(proposal.name, proposal.nature)
                    : host_->DropLogged(proposal.name);
  std::string none(kBatchHeader, '\0');
  if (error.ok()) error = WritePlace(&none, 0, {}, place, true);
  // Families are made and dropped without the WAL.
  return error.ok() ? host_->SyncLog() : error;
}

Error Replica::WritePlace(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                          const ReplicaPosition& place, bool known) {
  AppendPut(host_->hidden(), kPlaceKey, PackPosition(place), batch);
  Error error = host_->WriteLogged(batch, flags, parts, known);
  // Writing is being taken up again after a failure of the disk: that does not take long.
  for (int tries = 0; tries < kMostTries && IsBusy(error) && !IsEnded(); ++tries) {
    std::this_thread::sleep_for(kBetweenTries);
    error = host_->WriteLogged(batch, flags, parts, known);
  }
  if (!error.ok()) return error;
  const std::lock_guard<std::mutex> lock(mutex_);
  position_ = place;
  return error;
}

Error Replica::ConfirmPlace() {
  const std::lock_guard<std::mutex> placing(placing_);
  ReplicaPosition place;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!position_ || !queued_.empty() || !taken_.empty()) return Error();
    place = *position_;
  }
  std::string none(kBatchHeader, '\0');
  return WritePlace(&none, 0, {}, place, true);
}

void Replica::FinishLogged(const std::vector<Shared>& group, Error error) {
  Told told;
  const std::lock_guard<std::mutex> lock(mutex_);
  --writing_;
  if (!error.ok() && failed_.ok()) {
    failed_ =
        Error(error.code(), "it is in the log, but could not be applied here: " + error.message(),
              Outcome::kUnknown);
  }
  if (!error.ok()) error = failed_;
  for (const Shared& each : group) {
    Forget(each);
    told.Add(std::exchange(each->done, nullptr), error);
  }
  if (!error.ok()) {
    // What follows it in the log must not be written without it.
    for (const Shared& each : logged_) {
      Forget(each);
      told.Add(std::exchange(each->done, nullptr), error);
    }
    logged_.clear();
    Serve(&told);
  }
  changed_.notify_all();
  TellQuiet(&told);
}

Error Replica::ApplyAll(std::string_view records) {
  const std::lock_guard<std::mutex> placing(placing_);
  ByteReader reader(records);
  std::vector<Record> together;
  size_t bytes = 0;
  uint64_t log_id = 0;
  std::optional<ReplicaPosition> before;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    log_id = log_id_;
    before = position_;
  }
  const auto write = [&] {
    const Error error = together.empty() ? Error() : WriteRecords(together);
    together.clear();
    bytes = 0;
    return error;
  };
  while (!reader.empty()) {
    Record record;
    record.place.log_id = log_id;
    record.place.epoch = reader.Fixed(8);
    record.place.sequence = reader.Fixed(8);
    record.place.ordinal = reader.Fixed(8);
    const std::string_view body = reader.Bytes(reader.Fixed(4));
    Error bad = reader.ok() ? Error() : CutShort();
    if (bad.ok() && !Follows(before, record.place, !body.empty()))
      bad = AppliedBefore(record.place);
    before = record.place;
    if (bad.ok() && !body.empty()) {
      Result<Body> read = ReadBody(body);
      bad = read.error;
      record.body = std::move(read.value);
    }
    const bool family = record.body.kind != BodyKind::kCommit;
    const bool fits = !together.empty() && together.back().place.epoch == record.place.epoch &&
                      bytes + body.size() <= kWriteBytes;
    if (!bad.ok() || family || !fits) {
      Error error = write();
      if (error.ok()) error = bad;
      if (error.ok() && family) error = WriteFamily(ProposalOf(record.body), record.place);
      if (error.ok() && IsEnded()) error = Error(Code::kAborted, "the replica is closing");
      if (!error.ok()) return error;
      if (family) continue;
    }
    bytes += body.size();
    together.push_back(std::move(record));
  }
  return write();
}

bool Replica::IsEnded() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return role_ == Role::kEnded;
}

Replica::Proposal Replica::ProposalOf(const Body& body) {
  Proposal proposal;
  proposal.kind = body.kind;
  proposal.name = body.name;
  proposal.nature = body.nature;
  return proposal;
}

Error Replica::WriteRecords(const std::vector<Record>& records) {
  const auto find = [this](const std::string& name, uint32_t* number) {
    return host_->FindNumber(name, number);
  };
  std::string batch(kBatchHeader, '\0');
  Error error;
  const Record* last = nullptr;
  for (const Record& record : records) {
    if (!record.body.batch.empty()) error = AppendTranslated(record.body, find, &batch);
    if (!error.ok()) break;
    last = &record;
  }
  if (last != nullptr) {
    const Error written = WritePlace(&batch, 0, {}, last->place, false);
    if (IsRefusal(written) && records.size() > 1) return WriteEachRecord(records);
    if (written.code() == Code::kInvalidArgument) {
      return Error(Code::kCorruption,
                   "a record of the replica's log is damaged: " + written.message(),
                   Outcome::kNotApplied);
    }
    if (!written.ok()) return written;
  }
  return error;
}

// So that those before a bad one are written.
Error Replica::WriteEachRecord(const std::vector<Record>& records) {
  for (const Record& record : records) {
    Error error = WriteRecords({record});
    if (!error.ok()) return error;
  }
  return Error();
}

}  // namespace rocksdb_live
