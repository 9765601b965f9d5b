// What the owner of a replica asks for.
#include "engine/replica/replica.h"

#include "engine/replica/told.h"

namespace rocksdb_live {
namespace {

const char kClosedText[] = "the replica that publishes its writes was closed";
const char kNewText[] = "the replica does not take writes yet";

double MillisecondsSince(Replica::Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Replica::Clock::now() - since).count();
}

}  // namespace

Replica::Replica(ReplicaHost* host, std::optional<ReplicaPosition> position)
    : host_(host), text_(kNewText), position_(position) {
  if (position) log_id_ = position->log_id;
}

bool Replica::Claim() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (owned_) return false;
  owned_ = true;
  changed_.wait(lock, [this] { return Quiet(); });
  role_ = Role::kFollows;
  text_ = kNewText;
  failed_ = Error();
  return true;
}

void Replica::End() {
  Told told;
  std::lock_guard<std::mutex> lock(mutex_);
  if (!owned_) return;
  owned_ = false;
  role_ = Role::kEnded;
  text_ = kClosedText;
  FailOpen(Error(Code::kClosed, kClosedText, Outcome::kNotApplied),
           Error(Code::kClosed, kClosedText, Outcome::kUnknown), &told);
  Serve(&told);
  changed_.notify_all();
  TellQuiet(&told);
}

void Replica::Stop() {
  End();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::optional<ReplicaPosition> Replica::position() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return position_;
}

void Replica::SetLog(uint64_t log_id) {
  std::lock_guard<std::mutex> lock(mutex_);
  log_id_ = log_id;
}

Error Replica::Write(const WriterRequest& request) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (role_ == Role::kWrites) return Error(Code::kBusy, "the replica takes writes already");
  if (role_ == Role::kEnded) return Error(Code::kClosed, kClosedText);
  if (role_ == Role::kDrains) {
    // Those that were queued are still of this epoch.
    if (request.epoch != writer_.epoch || request.local != writer_.local) {
      return Error(Code::kInvalidArgument, "writes of another epoch are still queued");
    }
  } else {
    if (!Quiet()) return Error(Code::kBusy, "records of the log are still being applied");
    ordinal_ = request.ordinal;
  }
  writer_ = request;
  role_ = Role::kWrites;
  holding_failed_ = false;
  changed_.notify_all();
  return Error();
}

void Replica::Follow(const std::string& text, Done done) {
  Told told;
  std::lock_guard<std::mutex> lock(mutex_);
  if (role_ == Role::kEnded) return told.Add(std::move(done), Error(Code::kClosed, kClosedText));
  role_ = Role::kFollows;
  text_ = text;
  FailOpen(Error(Code::kNotWriter, text, Outcome::kNotApplied),
           Error(Code::kNotWriter, text, Outcome::kUnknown), &told);
  follows_.push_back(std::move(done));
  Serve(&told);
  changed_.notify_all();
  TellQuiet(&told);
}

void Replica::Drain(const std::string& text) {
  Told told;
  std::lock_guard<std::mutex> lock(mutex_);
  if (role_ != Role::kWrites) return;
  role_ = Role::kDrains;
  text_ = text;
  Serve(&told);
  changed_.notify_all();
}

Error Replica::Next(size_t most_bytes, NextDone done) {
  Told told;
  std::lock_guard<std::mutex> lock(mutex_);
  if (next_) return Error(Code::kBusy, "somebody waits for the next proposals already");
  next_ = std::move(done);
  next_bytes_ = most_bytes;
  Serve(&told);
  return Error();
}

void Replica::Cancel() {
  Told told;
  std::lock_guard<std::mutex> lock(mutex_);
  if (next_) told.AddNext(std::exchange(next_, nullptr), std::string());
}

void Replica::Serve(Told* told) {
  if (!next_) return;
  std::string packed;
  if (role_ == Role::kWrites || role_ == Role::kDrains) {
    if (!failed_.ok()) return told->AddNext(std::exchange(next_, nullptr), failed_);
    if (queued_.empty() && role_ == Role::kWrites) return;
    while (!queued_.empty()) {
      const Shared& next = queued_.front();
      if (!packed.empty() && packed.size() + next->size() > next_bytes_) break;
      AppendFixed64(next->ordinal, &packed);
      AppendFixed32(static_cast<uint32_t>(next->size()), &packed);
      packed.append(next->head).append(next->batch);
      queued_bytes_ -= next->size();
      taken_.push_back(next);
      queued_.pop_front();
    }
  }
  told->AddNext(std::exchange(next_, nullptr), std::move(packed));
}

Error Replica::Logged(uint64_t ordinal, uint64_t sequence) {
  std::lock_guard<std::mutex> lock(mutex_);
  // Those that were taken before it followed were told that nobody knows; the log will give them.
  if (role_ != Role::kWrites && role_ != Role::kDrains) return Error();
  const uint64_t last = taken_.empty() ? 0 : taken_.back()->ordinal;
  if (ordinal > last) {
    return Error(Code::kInvalidArgument,
                 "proposal " + std::to_string(ordinal) + " was not taken, or is logged already");
  }
  while (!taken_.empty() && taken_.front()->ordinal <= ordinal) {
    const Shared logged = std::move(taken_.front());
    taken_.pop_front();
    logged->sequence = logged->ordinal == ordinal ? sequence : 0;
    if (writer_.local) {
      if (position_ && logged->sequence != 0) position_->sequence = sequence;
      Forget(logged);
    } else {
      logged_.push_back(logged);
    }
  }
  holding_failed_ = false;
  confirm_ = writer_.local && queued_.empty() && taken_.empty();
  StartThread();
  changed_.notify_all();
  return Error();
}

Error Replica::Apply(std::string records, Done done) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (role_ == Role::kEnded) return Error(Code::kClosed, kClosedText);
  if (role_ != Role::kFollows) {
    return Error(Code::kBusy, "a replica that takes writes applies no others");
  }
  if (apply_done_) return Error(Code::kBusy, "records of the log are being applied already");
  StartThread();
  records_ = std::move(records);
  apply_done_ = std::move(done);
  changed_.notify_all();
  return Error();
}

ReplicaState Replica::state() const {
  std::lock_guard<std::mutex> lock(mutex_);
  ReplicaState state;
  state.queued = queued_.size();
  state.queued_bytes = queued_bytes_;
  state.taken = taken_.size();
  const std::deque<Shared>& oldest = taken_.empty() ? queued_ : taken_;
  if (writer_.local && !oldest.empty())
    state.unconfirmed_ms = MillisecondsSince(oldest.front()->since);
  return state;
}

void Replica::Forget(const Shared& proposal) {
  --open_;
  open_bytes_ -= proposal->size();
  if (proposal->ticket != 0) host_->window().EndPending(proposal->ticket);
  if (proposal->kind == BodyKind::kDropFamily) dropping_.erase(proposal->number);
  if (proposal->kind == BodyKind::kCreateFamily) making_.erase(proposal->name);
}

void Replica::FailOpen(const Error& queued, const Error& taken, Told* told) {
  for (const Shared& each : taken_) {
    Forget(each);
    told->Add(std::exchange(each->done, nullptr), taken);
  }
  for (const Shared& each : queued_) {
    Forget(each);
    told->Add(std::exchange(each->done, nullptr), queued);
  }
  taken_.clear();
  queued_.clear();
  queued_bytes_ = 0;
}

bool Replica::Quiet() const {
  return logged_.empty() && writing_ == 0 && !apply_done_ && !confirm_;
}

void Replica::TellQuiet(Told* told) {
  if (!Quiet()) return;
  changed_.notify_all();
  if (role_ == Role::kFollows || role_ == Role::kEnded) failed_ = Error();
  for (Done& done : follows_) told->Add(std::move(done), Error());
  follows_.clear();
}

}  // namespace rocksdb_live
