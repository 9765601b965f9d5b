// Point reads: on the calling thread if they do not wait for a disk, otherwise on the pool.
#include "engine/reads/reads.h"

#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/request.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

constexpr size_t kArenaValueLimit = 4096;
constexpr int32_t kPending = -1;
constexpr int32_t kAbsent = -1;
constexpr int32_t kNotCached = -2;

// The value of a read, which is released before JavaScript runs again.
class Found {
 public:
  explicit Found(SessionHandle& self) : reads_(&self.session->reads()) {}
  Found(const Found&) = delete;
  Found& operator=(const Found&) = delete;
  ~Found() { reads_->Release(); }
  std::string_view value() const { return reads_->value(); }

 private:
  PointReads* const reads_;
};

// The values of many keys, released in the same way.
class FoundMany {
 public:
  explicit FoundMany(SessionHandle& self) : read_(&self.session->many()) {}
  FoundMany(const FoundMany&) = delete;
  FoundMany& operator=(const FoundMany&) = delete;
  ~FoundMany() { read_->Clear(); }
  const ManyRead* operator->() const { return read_; }

 private:
  ManyRead* const read_;
};

// Copies the value to the arena and returns its length, or returns a Buffer of its own.
napi_value ValueToJs(const Call& call, const SessionHandle& self, std::string_view value,
                     size_t offset) {
  const Environment::Shared& arena = self.environment->arena;
  const size_t size = value.size();
  if (size > kArenaValueLimit || offset > arena.size || size > arena.size - offset) {
    return MakeBuffer(call.env, value.data(), value.size());
  }
  value.copy(arena.data + offset, size);
  return call.Integer(static_cast<int32_t>(size));
}

// For functions that cannot report that a value is not in memory.
bool IsFound(Answer answer) {
  if (answer == Answer::kWaits) throw BadArgument{"this read has to wait for the disk"};
  return answer == Answer::kFound;
}

napi_value Get(Call& call) {
  SessionHandle& self = call.Self();
  const PointRead read{call.Uint32(0), call.Uint32(4), call.Uint32(3), self.Key(call.Uint32(1))};
  const Found found(self);
  if (!IsFound(ValueOf(self.session->Read(read)))) return nullptr;
  return ValueToJs(call, self, found.value(), call.Uint32(2));
}

napi_value Has(Call& call) {
  SessionHandle& self = call.Self();
  const PointRead read{call.Uint32(0), call.Uint32(3), call.Uint32(2), self.Key(call.Uint32(1))};
  const Found found(self);
  return call.Boolean(IsFound(ValueOf(self.session->Read(read))));
}

napi_value GetInto(Call& call) {
  SessionHandle& self = call.Self();
  const PointRead read{call.Uint32(0), call.Uint32(3), call.Uint32(2), self.Key(call.Uint32(1))};
  const Bytes target = call.Buffer(4);
  const Found found(self);
  const Answer answer = ValueOf(self.session->Read(read));
  if (answer == Answer::kMissing) return call.Integer(kAbsent);
  if (answer == Answer::kWaits) return call.Integer(kNotCached);
  const std::string_view value = found.value();
  if (value.size() > target.size) {
    throw Failure{Error(Code::kOutOfRange, "the value has " + std::to_string(value.size()) +
                                               " bytes, the buffer " +
                                               std::to_string(target.size))};
  }
  value.copy(target.data, value.size());
  return call.Number(static_cast<double>(value.size()));
}

napi_value ReadAsync(Call& call) {
  SessionHandle& self = call.Self();
  const PointRead read{call.Uint32(1), call.Uint32(5), call.Uint32(4), self.Key(call.Uint32(2))};
  const Found found(self);
  const Answer answer = ValueOf(self.session->TryRead(read));
  if (answer == Answer::kMissing) return nullptr;
  if (answer == Answer::kFound) {
    if ((read.flags & kPresence) != 0) return call.Integer(0);
    return ValueToJs(call, self, found.value(), call.Uint32(3));
  }
  ThrowIf(self.session->QueueRead(call.Uint32(0), read, DeadlineIn(call.Double(6))));
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

napi_value SubmitReads(Call& call) {
  call.SelfEvenClosed().SubmitReads();
  return nullptr;
}

napi_value GetMany(Call& call) {
  SessionHandle& self = call.Self();
  const Bytes keys = call.Buffer(0);
  const ManyRequest request = ManyOf(self);
  const Bytes lengths = GetUint32Array(call.env, call[1]);
  if (lengths.size < request.count * sizeof(uint32_t)) throw BadArgument{"lengths is too short"};
  const FoundMany found(self);
  ThrowIf(self.session->ReadMany(request, {keys.data, KeysSizeOf(self, keys.size)}));
  if (found->not_cached()) return nullptr;
  auto* const to_lengths = reinterpret_cast<uint32_t*>(lengths.data);
  const Environment::Shared& arena = self.environment->arena;
  const size_t offset = call.Uint32(2);
  if (offset <= arena.size && found->total_bytes() <= arena.size - offset) {
    found->CopyTo(arena.data + offset, to_lengths);
    return call.Number(static_cast<double>(found->total_bytes()));
  }
  void* to = nullptr;
  napi_value buffer = nullptr;
  Check(napi_create_buffer(call.env, found->total_bytes(), &to, &buffer));
  found->CopyTo(static_cast<char*>(to), to_lengths);
  return buffer;
}

napi_value ManyToJs(napi_env env, ManyValues* many) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  Check(napi_set_named_property(env, object, "lengths", MakeUint32Array(env, many->lengths)));
  Check(napi_set_named_property(env, object, "bytes",
                                MakeBuffer(env, many->bytes.data(), many->bytes.size())));
  return object;
}

napi_value GetManyAsync(Call& call) {
  SessionHandle& self = call.Self();
  const Bytes keys = call.Buffer(1);
  const std::string_view packed(keys.data, KeysSizeOf(self, keys.size));
  const auto work = [job = ValueOf(self.session->PrepareMany(ManyOf(self), packed,
                                                             DeadlineIn(call.Double(2))))]() {
    return job.Run();
  };
  RunShort<ManyValues>(self, call.Uint32(0), work, ManyToJs);
  return nullptr;
}

}  // namespace

void SessionHandle::SubmitReads() {
  session->SubmitReads([lane = environment->lane](ReadResults results) {
    for (const auto& [id, timings] : results.timings) lane->OnMeasured(id, timings);
    lane->Post(std::make_unique<ReadsDone>(std::move(results)));
  });
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
