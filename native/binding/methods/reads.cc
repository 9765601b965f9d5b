// Point reads: on the calling thread where nothing waits for a disk, on the pool where it does.
#include "engine/reads/reads.h"

#include <algorithm>
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

using rocksdb::PinnableSlice;
using rocksdb::Slice;
using rocksdb::Status;

constexpr size_t kArenaValueLimit = 4096;
constexpr int32_t kPending = -1;
constexpr int32_t kAbsent = -1;
constexpr int32_t kNotCached = -2;
// Below this, one thread reads all that a turn asked for; above, both do.
constexpr size_t kSplitReads = 8;

// The result of one pinned value, which is let go before JavaScript runs again.
class Pinned {
 public:
  explicit Pinned(PinnableSlice* value) : value_(value) {}
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() { value_->Reset(); }

 private:
  PinnableSlice* const value_;
};

// The values of many keys, which are let go before JavaScript runs again.
class Cleared {
 public:
  explicit Cleared(ManyRead* read) : read_(read) {}
  Cleared(const Cleared&) = delete;
  Cleared& operator=(const Cleared&) = delete;
  ~Cleared() { read_->Clear(); }

 private:
  ManyRead* const read_;
};

Status AskRocksDb(SessionHandle& self, const Family& family, const Slice& key, uint32_t flags,
                  uint32_t snapshot) {
  // Made once: filling the struct costs as much as the rest of this call.
  static const auto* const plain = new rocksdb::ReadOptions();
  static const auto* const nowait = new rocksdb::ReadOptions(MakeReadOptions(kNoWait, nullptr));
  if (snapshot == 0 && (flags & ~uint32_t{kNoWait}) == 0) {
    return family.db()->Get(flags == 0 ? *plain : *nowait, family.handle(), key, &self.value);
  }
  const std::shared_ptr<Snapshot> at = self.FindSnapshot(snapshot);
  const rocksdb::ReadOptions options = MakeReadOptions(flags, at ? at->get() : nullptr);
  return family.db()->Get(options, family.handle(), key, &self.value);
}

// A read that would wait goes on being timed on a thread.
Status ReadOne(SessionHandle& self, const Family& family, const Slice& key, uint32_t flags,
               uint32_t snapshot) {
  if (!self.session->read_sampler().Take()) return AskRocksDb(self, family, key, flags, snapshot);
  TimedRead timed(self.session->recorder());
  Status status = AskRocksDb(self, family, key, flags, snapshot);
  const bool waits = WouldWait(status, flags);
  if (!waits) timed.End();
  self.timed_read = waits ? std::move(timed) : TimedRead();
  return status;
}

// Into the arena and its length, or as a Buffer of its own.
napi_value ValueToJs(const Call& call, const SessionHandle& self, size_t offset) {
  const Environment::Shared& arena = self.environment->arena;
  const size_t size = self.value.size();
  if (size > kArenaValueLimit || offset > arena.size || size > arena.size - offset) {
    return MakeBuffer(call.env, self.value.data(), size);
  }
  std::copy_n(self.value.data(), size, arena.data + offset);
  return call.Integer(static_cast<int32_t>(size));
}

napi_value Get(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Family>& family = self.FindFamily(call.Uint32(0), call.Uint32(4));
  const Pinned pinned(&self.value);
  const Status status =
      ReadOne(self, *family, self.Key(call.Uint32(1)), call.Uint32(3), call.Uint32(4));
  if (status.ok()) return ValueToJs(call, self, call.Uint32(2));
  if (!status.IsNotFound()) throw Failure{Error::From(status)};
  return nullptr;
}

napi_value Has(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Family>& family = self.FindFamily(call.Uint32(0), call.Uint32(3));
  const Pinned pinned(&self.value);
  const Status status =
      ReadOne(self, *family, self.Key(call.Uint32(1)), call.Uint32(2), call.Uint32(3));
  if (!status.ok() && !status.IsNotFound()) throw Failure{Error::From(status)};
  return call.Boolean(status.ok());
}

napi_value GetInto(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Family>& family = self.FindFamily(call.Uint32(0), call.Uint32(3));
  const Bytes target = call.Buffer(4);
  const uint32_t flags = call.Uint32(2);
  const Pinned pinned(&self.value);
  const Status status = ReadOne(self, *family, self.Key(call.Uint32(1)), flags, call.Uint32(3));
  if (status.IsNotFound()) return call.Integer(kAbsent);
  if (WouldWait(status, flags)) return call.Integer(kNotCached);
  if (!status.ok()) throw Failure{Error::From(status)};
  const size_t size = self.value.size();
  if (size > target.size) {
    throw Failure{Error(Code::kOutOfRange, "the value has " + std::to_string(size) +
                                               " bytes, the buffer " +
                                               std::to_string(target.size))};
  }
  std::copy_n(self.value.data(), size, target.data);
  return call.Number(static_cast<double>(size));
}

napi_value ReadAsync(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Family>& family = self.FindFamily(call.Uint32(1), call.Uint32(5));
  const Slice key = self.Key(call.Uint32(2));
  const uint32_t flags = call.Uint32(4);
  const Pinned pinned(&self.value);
  self.timed_read.recorder.reset();
  const Status status = ReadOne(self, *family, key, flags | kNoWait, call.Uint32(5));
  if (status.ok()) {
    return (flags & kPresence) != 0 ? call.Integer(0) : ValueToJs(call, self, call.Uint32(3));
  }
  if (status.IsNotFound()) return nullptr;
  if (!WouldWait(status, flags | kNoWait)) throw Failure{Error::From(status)};
  PendingRead read;
  read.id = call.Uint32(0);
  read.family = family;
  read.snapshot = self.FindSnapshot(call.Uint32(5));
  read.key = key.ToString();
  read.flags = flags;
  read.deadline = DeadlineIn(call.Double(6));
  read.timed = std::move(self.timed_read);
  self.pending_reads.push_back(std::move(read));
  self.environment->lane->Expect(1);
  return call.Integer(kPending);
}

class ReadsDone : public Completion {
 public:
  explicit ReadsDone(ReadResults results) : results_(std::move(results)) {}
  size_t count() const override { return results_.ids.size(); }
  void Deliver(Environment* environment) override {
    napi_env env = environment->env;
    napi_value arguments[4] = {
        MakeUint32Array(env, results_.ids), MakeUint32Array(env, results_.lengths),
        MakeBuffer(env, results_.bytes.data(), results_.bytes.size()), Undefined(env)};
    if (!results_.errors.empty()) {
      Check(napi_create_array_with_length(env, results_.ids.size(), &arguments[3]));
      for (const auto& [index, error] : results_.errors) {
        Check(napi_set_element(env, arguments[3], static_cast<uint32_t>(index),
                               ErrorToJs(*environment, error)));
      }
    }
    CallHook(env, environment->hooks.deliver_reads, 4, arguments);
  }

 private:
  const ReadResults results_;
};

ReadResults AllFailed(const std::vector<PendingRead>& reads, const Error& why) {
  ReadResults results;
  for (const PendingRead& read : reads) {
    results.errors.emplace_back(results.ids.size(), why);
    results.ids.push_back(read.id);
    results.lengths.push_back(kFailed);
  }
  return results;
}

void SubmitJob(SessionHandle& self, std::vector<PendingRead> part) {
  auto reads = std::make_shared<std::vector<PendingRead>>(std::move(part));
  const std::shared_ptr<Lane> lane = self.environment->lane;
  const auto job = [lease = self.session->TakeLease(), lane, reads]() mutable {
    ReadResults results;
    try {
      results = RunReads(*reads);
    } catch (...) {
      results = AllFailed(*reads, CaughtError());
    }
    reads.reset();
    lane->Post(std::make_unique<ReadsDone>(std::move(results)));
    lease.reset();
  };
  try {
    self.session->store().executor().Run(job);
  } catch (...) {
    lane->Post(std::make_unique<ReadsDone>(AllFailed(*reads, CaughtError())));
  }
}

napi_value SubmitReads(Call& call) {
  call.SelfEvenClosed().SubmitReads();
  return nullptr;
}

napi_value GetMany(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Family>& family = self.FindFamily(call.Uint32(0), call.Uint32(7));
  const Bytes keys = call.Buffer(1);
  const size_t size = std::min<size_t>(call.Uint32(2), keys.size);
  const size_t count = call.Uint32(3);
  const Bytes lengths = GetUint32Array(call.env, call[5]);
  if (lengths.size < count * sizeof(uint32_t)) throw BadArgument{"lengths is too short"};
  const std::shared_ptr<Snapshot> snapshot = self.FindSnapshot(call.Uint32(7));
  ManyRead& read = self.many;
  const Cleared cleared(&read);
  ThrowIf(read.Unpack(Slice(keys.data, size), count));
  ThrowIf(read.Run(family->db(), *family, call.Uint32(6), snapshot ? snapshot->get() : nullptr,
                   Deadline(0)));
  if (read.not_cached()) return nullptr;
  auto* const to_lengths = reinterpret_cast<uint32_t*>(lengths.data);
  const Environment::Shared& arena = self.environment->arena;
  const size_t offset = call.Uint32(4);
  if (offset <= arena.size && read.total_bytes() <= arena.size - offset) {
    read.CopyTo(arena.data + offset, to_lengths);
    return call.Number(static_cast<double>(read.total_bytes()));
  }
  void* to = nullptr;
  napi_value buffer = nullptr;
  Check(napi_create_buffer(call.env, read.total_bytes(), &to, &buffer));
  read.CopyTo(static_cast<char*>(to), to_lengths);
  return buffer;
}

struct Many {
  std::vector<uint32_t> lengths;
  std::string bytes;
};

napi_value ManyToJs(napi_env env, Many* many) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  Check(napi_set_named_property(env, object, "lengths", MakeUint32Array(env, many->lengths)));
  Check(napi_set_named_property(env, object, "bytes",
                                MakeBuffer(env, many->bytes.data(), many->bytes.size())));
  return object;
}

napi_value GetManyAsync(Call& call) {
  SessionHandle& self = call.Self();
  const Bytes keys = call.Buffer(2);
  const size_t size = std::min<size_t>(call.Uint32(3), keys.size);
  const auto work = [packed = std::string(keys.data, size), count = call.Uint32(4),
                     family = self.FindFamily(call.Uint32(1), call.Uint32(6)),
                     flags = call.Uint32(5), snapshot = self.FindSnapshot(call.Uint32(6)),
                     deadline = DeadlineIn(call.Double(7))]() -> Result<Many> {
    ManyRead read;
    Error error = read.Unpack(packed, count);
    if (error.ok()) {
      error =
          read.Run(family->db(), *family, flags, snapshot ? snapshot->get() : nullptr, deadline);
    }
    if (!error.ok()) return error;
    Many many;
    many.lengths.resize(count);
    many.bytes.resize(read.total_bytes());
    read.CopyTo(many.bytes.data(), many.lengths.data());
    return many;
  };
  RunShort<Many>(self, call.Uint32(0), work, ManyToJs);
  return nullptr;
}

}  // namespace

void SessionHandle::SubmitReads() {
  if (pending_reads.empty() || !session->open()) return;
  std::vector<PendingRead> reads = std::move(pending_reads);
  pending_reads.clear();
  if (reads.size() > kSplitReads) {
    const auto middle = reads.begin() + static_cast<std::ptrdiff_t>(reads.size() / 2);
    std::vector<PendingRead> second(std::make_move_iterator(middle),
                                    std::make_move_iterator(reads.end()));
    reads.erase(middle, reads.end());
    SubmitJob(*this, std::move(second));
  }
  SubmitJob(*this, std::move(reads));
}

const std::vector<Method>& ReadMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"get", Entry<Get>},
      {"has", Entry<Has>},
      {"getInto", Entry<GetInto>},
      {"readAsync", Entry<ReadAsync>},
      {"submitReads", Entry<SubmitReads>},
      {"getMany", Entry<GetMany>},
      {"getManyAsync", Entry<GetManyAsync>},
  };
  return *methods;
}

}  // namespace rocksdb_live
