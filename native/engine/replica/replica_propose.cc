// How writes become proposals of a replica.
#include <future>

#include "engine/base/exceptions.h"
#include "engine/base/read_options.h"
#include "engine/replica/replica.h"
#include "engine/replica/told.h"
#include "engine/writes/batch_check.h"

namespace rocksdb_live {

Error Replica::Refusal() const { return Error(Code::kNotWriter, text_, Outcome::kNotApplied); }

bool Replica::IsLate() const {
  const std::deque<Shared>& oldest = taken_.empty() ? queued_ : taken_;
  if (oldest.empty()) return false;
  const std::chrono::duration<double, std::milli> lag = Clock::now() - oldest.front()->since;
  return lag.count() > writer_.most_lag_ms || open_bytes_ >= kMostBytes;
}

Error Replica::WaitForRoom() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (role_ != Role::kWrites) return Refusal();
    if (writer_.local) return WaitForLag(&lock);
    if (open_ < kMostProposals && open_bytes_ < kMostBytes) return Error();
    changed_.wait(lock);
  }
}

Error Replica::WaitForLag(std::unique_lock<std::mutex>* lock) {
  const std::chrono::duration<double, std::milli> hold(writer_.hold_ms);
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(hold);
  while (role_ == Role::kWrites && IsLate() && !holding_failed_ && Clock::now() < end) {
    changed_.wait_until(*lock, end);
  }
  if (role_ != Role::kWrites) return Refusal();
  holding_failed_ = IsLate();
  if (!holding_failed_) return Error();
  return Error(Code::kBusy,
               "writes are held: the replica's log is further behind than maxLagMs allows",
               Outcome::kNotApplied);
}

Error Replica::Settle() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (role_ == Role::kWrites && !writer_.local && open_ != 0) changed_.wait(lock);
  return role_ == Role::kWrites ? Error() : Refusal();
}

Error Replica::Propose(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                       Done done) {
  Error error = WaitForRoom();
  if (!error.ok()) return error;
  const std::lock_guard<std::mutex> proposing(proposing_);
  return ProposeCommit(batch, flags, parts, std::move(done));
}

Error Replica::ProposeCommit(std::string* batch, uint32_t flags,
                             const std::vector<BatchSize>& parts, Done done) {
  if ((flags & kDisableWal) != 0) {
    return Error(Code::kNotSupported,
                 "a replica writes nothing without the WAL: its place in the log would be lost",
                 Outcome::kNotApplied);
  }
  std::set<uint32_t> dropping;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    dropping = dropping_;
  }
  FamilyNames names;
  Error error = host_->CheckProposal(*batch, dropping, &names);
  if (!error.ok()) return error;
  const auto proposal = std::make_shared<Proposal>();
  proposal->head = CommitHead(names);
  proposal->parts = parts;
  proposal->done = std::move(done);
  return Push(proposal, batch, flags);
}

void Replica::ProposeChecked(const std::shared_ptr<CheckedWrite>& write, uint32_t flags,
                             const Done& done) {
  const bool empty = BatchCount(write->batch) == 0;
  if (!empty) {
    const Error error = WaitForRoom();
    if (!error.ok()) return done(error);
  }
  std::unique_lock<std::mutex> proposing(proposing_);
  while (write->ReadsPending()) {
    proposing.unlock();
    const Error error = Settle();
    if (!error.ok()) return done(error);
    proposing.lock();
  }
  const Result<Verdict> verdict = write->Check(false);
  Error error = verdict.error;
  write->left = error.ok() && verdict.value == Verdict::kLeave;
  if (error.ok() && !write->left && !empty) {
    const auto written = [write, done](const Error& outcome) {
      if (outcome.ok()) write->Written();
      done(outcome);
    };
    error = ProposeCommit(&write->batch, flags, {}, written);
    if (error.ok()) return;
  } else if (error.ok() && !write->left) {
    write->Written();
  }
  proposing.unlock();
  done(error);
}

Error Replica::Push(const Shared& proposal, std::string* batch, uint32_t flags) {
  bool local = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (role_ != Role::kWrites) return Refusal();
    if (!failed_.ok()) return Error(failed_.code(), failed_.message(), Outcome::kNotApplied);
    proposal->epoch = writer_.epoch;
    local = writer_.local;
    if (local) ++writing_;
  }
  if (local) return PushWritten(proposal, batch, flags);
  if (proposal->kind == BodyKind::kCommit) {
    proposal->ticket = host_->window().AddPending(*batch);
  } else if (proposal->kind == BodyKind::kDropFamily) {
    proposal->ticket = host_->window().AddPendingDrop(proposal->number);
  }
  Told told;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (role_ != Role::kWrites || writer_.epoch != proposal->epoch) {
    if (proposal->ticket != 0) host_->window().EndPending(proposal->ticket);
    return Refusal();
  }
  Enqueue(proposal, batch);
  Serve(&told);
  return Error();
}

void Replica::Enqueue(const Shared& proposal, std::string* batch) {
  proposal->ordinal = ++ordinal_;
  proposal->since = Clock::now();
  proposal->batch = std::move(*batch);
  if (proposal->kind == BodyKind::kDropFamily) dropping_.insert(proposal->number);
  if (proposal->kind == BodyKind::kCreateFamily) making_.insert(proposal->name);
  ++open_;
  open_bytes_ += proposal->size();
  queued_bytes_ += proposal->size();
  queued_.push_back(proposal);
}

// With `local`: it is written and told before it is in the log.
Error Replica::PushWritten(const Shared& proposal, std::string* batch, uint32_t flags) {
  const Error error = Caught([&] { return WriteAtOnce(*proposal, *batch, flags); });
  Told told;
  const std::lock_guard<std::mutex> lock(mutex_);
  --writing_;
  if (!error.ok()) {
    // It may be there, and be found when the database is opened again: nothing may take its place.
    if (error.outcome() != Outcome::kNotApplied) failed_ = error;
  } else {
    told.Add(std::exchange(proposal->done, nullptr), error);
    if (role_ == Role::kWrites || role_ == Role::kDrains) Enqueue(proposal, batch);
  }
  Serve(&told);
  TellQuiet(&told);
  return error;
}

Error Replica::WriteAtOnce(const Proposal& proposal, const std::string& batch, uint32_t flags) {
  const std::lock_guard<std::mutex> placing(placing_);
  ReplicaPosition place;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (position_) place.sequence = position_->sequence;
    place.log_id = log_id_;
    place.epoch = writer_.epoch;
    place.ordinal = ordinal_ + 1;
  }
  if (proposal.kind != BodyKind::kCommit) return WriteFamily(proposal, place);
  std::string written = batch;
  return WritePlace(&written, flags & kSync, proposal.parts, place, false);
}

Error Replica::ProposeFamily(const Shared& proposal) {
  std::promise<Error> outcome;
  proposal->done = [&outcome](const Error& error) { outcome.set_value(error); };
  Error error = WaitForRoom();
  if (!error.ok()) return error;
  {
    const std::lock_guard<std::mutex> proposing(proposing_);
    uint32_t number = 0;
    const bool there = host_->FindNumber(proposal->name, &number);
    std::unique_lock<std::mutex> lock(mutex_);
    const bool dropped = there && dropping_.count(number) != 0;
    const bool made = (there && !dropped) || making_.count(proposal->name) != 0;
    lock.unlock();
    if (proposal->kind == BodyKind::kCreateFamily && made) {
      return Error(Code::kInvalidArgument, "there is a column family of that name");
    }
    if (proposal->kind == BodyKind::kDropFamily && (!there || dropped)) {
      return Error(Code::kDropped, "the column family was dropped before");
    }
    std::string none;
    error = Push(proposal, &none, 0);
    if (!error.ok()) return error;
  }
  return outcome.get_future().get();
}

Error Replica::MakeFamily(const std::string& name, const std::string& nature) {
  const auto proposal = std::make_shared<Proposal>();
  proposal->kind = BodyKind::kCreateFamily;
  proposal->name = name;
  proposal->nature = nature;
  proposal->head = CreateBody(name, nature);
  return ProposeFamily(proposal);
}

Error Replica::DropFamily(const std::string& name, uint32_t number) {
  const auto proposal = std::make_shared<Proposal>();
  proposal->kind = BodyKind::kDropFamily;
  proposal->name = name;
  proposal->number = number;
  proposal->head = DropBody(name);
  return ProposeFamily(proposal);
}

}  // namespace rocksdb_live
