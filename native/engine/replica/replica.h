// The queue of a replica's writes: each is proposed, put into a log by whoever owns the replica,
// and written here only when it is there, with its place in the same write. Followers write what
// the log has of others.
//
// Proposals come from the commit queue's thread, in its order, and families' from their own
// threads. One thread, started when it is first needed, writes what is in the log. With `local`,
// proposals are written at once, by who proposes them, and the log gets copies.
//
// Locks are taken in this order: proposing_, placing_, mutex_. No callback is called with one held.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/replica/body.h"
#include "engine/transactions/commit_window.h"
#include "engine/writes/proposals.h"

namespace rocksdb_live {

// The database of a replica.
class ReplicaHost {
 public:
  ReplicaHost() = default;
  ReplicaHost(const ReplicaHost&) = delete;
  ReplicaHost& operator=(const ReplicaHost&) = delete;
  virtual ~ReplicaHost() = default;

  // Whether the batch can be written, with these families counted as dropped; `names` gets the
  // families that it names.
  virtual Error CheckProposal(const rocksdb::Slice& batch, const std::set<uint32_t>& dropping,
                              FamilyNames* names) = 0;
  // Returns false if there is none of that name.
  virtual bool FindNumber(const std::string& name, uint32_t* number) const = 0;
  virtual uint32_t hidden() const = 0;
  // `known`: its keys are in the window.
  virtual Error WriteLogged(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                            bool known) = 0;
  // Does nothing if it is there already, with this merge operator.
  virtual Error MakeLogged(const std::string& name, const std::string& nature) = 0;
  // Does nothing if it is not there.
  virtual Error DropLogged(const std::string& name) = 0;
  virtual Error SyncLog() = 0;
  virtual CommitWindow& window() = 0;
};

struct ReplicaState {
  size_t queued = 0;
  size_t queued_bytes = 0;
  size_t taken = 0;
  double unconfirmed_ms = 0;
};

// What replicaWrite asks for.
struct WriterRequest {
  uint64_t epoch = 0;
  uint64_t ordinal = 0;  // of the last proposal before
  bool local = false;
  double most_lag_ms = 0;
  double hold_ms = 0;
};

// Any thread.
class Replica : public Proposals {
 public:
  using Clock = std::chrono::steady_clock;
  // Proposals, packed: u64 ordinal, u32 length, body.
  using NextDone = std::function<void(Result<std::string>)>;

  // More than this is not proposed before some of it is written.
  static constexpr size_t kMostProposals = 64;
  static constexpr size_t kMostBytes = size_t{32} << 20;

  // It has an owner, and follows. `position` is what the place row says.
  Replica(ReplicaHost* host, std::optional<ReplicaPosition> position);
  ~Replica() override { Stop(); }

  // Becomes the owner; returns false if there is one. May wait for writes.
  bool Claim();
  // The owner ends: everything fails that is not known to be in the log. Waits for nothing.
  void End();
  // Ends, and waits for its thread.
  void Stop();

  // For the owner.
  std::optional<ReplicaPosition> position() const;
  void SetLog(uint64_t log_id);
  Error Write(const WriterRequest& request);
  void Follow(const std::string& text, Done done);
  void Drain(const std::string& text);
  Error Next(size_t most_bytes, NextDone done);
  void Cancel();
  Error Logged(uint64_t ordinal, uint64_t sequence);
  // Records, packed: u64 epoch, u64 sequence, u64 ordinal, u32 length, body.
  Error Apply(std::string records, Done done);
  ReplicaState state() const;

  Error Propose(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                Done done) override;
  void ProposeChecked(const std::shared_ptr<CheckedWrite>& write, uint32_t flags,
                      const Done& done) override;
  Error Settle() override;
  // Waits until the family was made, or dropped, or that has failed.
  Error MakeFamily(const std::string& name, const std::string& nature);
  Error DropFamily(const std::string& name, uint32_t number);

 private:
  enum class Role : uint8_t { kFollows, kWrites, kDrains, kEnded };

  struct Proposal {
    BodyKind kind = BodyKind::kCommit;
    uint64_t epoch = 0;
    uint64_t ordinal = 0;
    uint64_t sequence = 0;  // once it is in the log; 0 if only a later one's is known
    std::string head;       // the body, up to the batch
    std::string batch;
    std::vector<BatchSize> parts;
    std::string name;  // of the family that is made or dropped
    std::string nature;
    uint32_t number = 0;  // of the family that is dropped
    uint64_t ticket = 0;  // in the window; 0 for none
    Done done;            // null once told
    Clock::time_point since;
    size_t size() const { return head.size() + batch.size(); }
  };
  using Shared = std::shared_ptr<Proposal>;

  // Who is told what once no lock is held.
  class Told;

  // Proposing (replica_propose.cc).
  Error WaitForRoom();
  Error WaitForLag(std::unique_lock<std::mutex>* lock);
  bool IsLate() const;    // under mutex_
  Error Refusal() const;  // under mutex_
  Error ProposeFamily(const Shared& proposal);
  // Under proposing_. Takes the batch if it succeeds.
  Error ProposeCommit(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                      Done done);
  Error Push(const Shared& proposal, std::string* batch, uint32_t flags);
  Error PushWritten(const Shared& proposal, std::string* batch, uint32_t flags);
  Error WriteAtOnce(const Proposal& proposal, const std::string& batch, uint32_t flags);
  void Enqueue(const Shared& proposal, std::string* batch);  // under mutex_
  // Passes the next proposals to who waits for them.
  void Serve(Told* told);  // under mutex_

  // Writing (replica_apply.cc).
  void StartThread();  // under mutex_
  void Loop();
  std::vector<Shared> TakeLogged();  // under mutex_
  Error WriteLogged(const std::vector<Shared>& group);
  Error WriteFamily(const Proposal& proposal, const ReplicaPosition& place);
  // Writes a batch with the place to which it brings the database. Under placing_.
  Error WritePlace(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                   const ReplicaPosition& place, bool known);
  void FinishLogged(const std::vector<Shared>& group, Error error);
  // With `local`: writes down that the log has everything.
  Error ConfirmPlace();
  // A record of another writer; its body is empty if it only moves the place.
  struct Record {
    ReplicaPosition place;
    Body body;
  };
  static Proposal ProposalOf(const Body& body);
  Error ApplyAll(std::string_view records);
  Error WriteRecords(const std::vector<Record>& records);
  Error WriteEachRecord(const std::vector<Record>& records);
  bool IsEnded() const;
  // Forgets a proposal that has ended.
  void Forget(const Shared& proposal);                                 // under mutex_
  void FailOpen(const Error& queued, const Error& taken, Told* told);  // under mutex_
  bool Quiet() const;                                                  // under mutex_
  void TellQuiet(Told* told);                                          // under mutex_

  ReplicaHost* const host_;

  std::mutex proposing_;  // who checks and proposes
  std::mutex placing_;    // who writes a place

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Role role_ = Role::kFollows;
  bool owned_ = true;
  std::string text_;  // why it takes no writes
  uint64_t log_id_ = 0;
  std::optional<ReplicaPosition> position_;
  WriterRequest writer_;
  uint64_t ordinal_ = 0;  // of the last proposal
  std::deque<Shared> queued_;
  std::deque<Shared> taken_;
  std::deque<Shared> logged_;
  size_t open_ = 0;  // proposals that have not ended
  size_t open_bytes_ = 0;
  size_t queued_bytes_ = 0;
  std::set<uint32_t> dropping_;
  std::set<std::string> making_;
  bool holding_failed_ = false;  // a write was held for too long, and the lag is as it was
  bool confirm_ = false;         // the place row is to say what is known
  int writing_ = 0;              // who writes now
  Error failed_;                 // why what is in the log is not written
  NextDone next_;
  size_t next_bytes_ = 0;
  std::vector<Done> follows_;
  std::string records_;
  Done apply_done_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rocksdb_live
