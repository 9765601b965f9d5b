// A replica's queue of writes, for the session that owns it.
#include <cstdio>
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

Replica& ReplicaOf(const SessionHandle& self) {
  Error error;
  Replica* const replica = self.session->FindReplica(&error);
  ThrowIf(error);
  return *replica;
}

uint64_t WholeNumber(const Call& call, size_t index) {
  const double value = call.Double(index);
  if (!(value >= 0 && value <= 9007199254740992)) throw BadArgument{"a number is out of range"};
  return static_cast<uint64_t>(value);
}

double Milliseconds(const Call& call, size_t index) {
  const double value = call.Double(index);
  if (!(value >= 0 && value <= 2147483647)) throw BadArgument{"a time is out of range"};
  return value;
}

void Set(napi_env env, napi_value object, const char* name, napi_value value) {
  Check(napi_set_named_property(env, object, name, value));
}

napi_value MakeCount(napi_env env, uint64_t value) {
  return MakeNumber(env, static_cast<double>(value));
}

napi_value PlaceOf(Call& call) {
  const std::optional<ReplicaPosition> position = ReplicaOf(call.Self()).position();
  if (!position) return nullptr;
  napi_value object = nullptr;
  Check(napi_create_object(call.env, &object));
  char log_id[17];
  std::snprintf(log_id, sizeof log_id, "%016llx",
                static_cast<unsigned long long>(position->log_id));
  Set(call.env, object, "logId", MakeString(call.env, log_id));
  Set(call.env, object, "epoch", MakeCount(call.env, position->epoch));
  Set(call.env, object, "sequence", MakeCount(call.env, position->sequence));
  Set(call.env, object, "ordinal", MakeCount(call.env, position->ordinal));
  return object;
}

napi_value Log(Call& call) {
  Replica& replica = ReplicaOf(call.Self());
  const std::string text = call.String(0);
  if (text.size() != 16 || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    throw BadArgument{"a log's name is 16 hexadecimal digits"};
  }
  replica.SetLog(std::stoull(text, nullptr, 16));
  return nullptr;
}

napi_value Write(Call& call) {
  Replica& replica = ReplicaOf(call.Self());
  WriterRequest request;
  request.epoch = WholeNumber(call, 0);
  request.ordinal = WholeNumber(call, 1);
  request.local = call.Bool(2);
  request.most_lag_ms = Milliseconds(call, 3);
  request.hold_ms = Milliseconds(call, 4);
  ThrowIf(replica.Write(request));
  return nullptr;
}

// Like Telling, with a lease on the session until then.
std::function<void(const Error&)> TellingOf(const SessionHandle& self, uint32_t id) {
  return [tell = Telling(self.environment->lane, id),
          lease = self.session->TakeLease()](const Error& error) { tell(error); };
}

napi_value Follow(Call& call) {
  SessionHandle& self = call.Self();
  Replica& replica = ReplicaOf(self);
  const std::string text = call.String(1);
  replica.Follow(text, TellingOf(self, call.Uint32(0)));
  self.environment->lane->Expect(1);
  return nullptr;
}

napi_value Drain(Call& call) {
  ReplicaOf(call.Self()).Drain(call.String(0));
  return nullptr;
}

napi_value ProposalsToJs(napi_env env, std::string* proposals) {
  return MakeBuffer(env, proposals->data(), proposals->size());
}

napi_value Next(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane>& lane = self.environment->lane;
  // No lease: the end of the replica ends the wait.
  const auto done = [lane, id = call.Uint32(0)](Result<std::string> proposals) {
    lane->Post(std::make_unique<JobDone<std::string, decltype(&ProposalsToJs)>>(
        id, std::move(proposals), &ProposalsToJs));
  };
  ThrowIf(ReplicaOf(self).Next(static_cast<size_t>(WholeNumber(call, 1)), done));
  lane->Expect(1);
  return nullptr;
}

napi_value Cancel(Call& call) {
  ReplicaOf(call.Self()).Cancel();
  return nullptr;
}

napi_value Logged(Call& call) {
  Replica& replica = ReplicaOf(call.Self());
  ThrowIf(replica.Logged(WholeNumber(call, 0), WholeNumber(call, 1)));
  return nullptr;
}

napi_value Apply(Call& call) {
  SessionHandle& self = call.Self();
  Replica& replica = ReplicaOf(self);
  const Bytes bytes = call.Buffer(1);
  ThrowIf(replica.Apply(std::string(bytes.data, bytes.size), TellingOf(self, call.Uint32(0))));
  self.environment->lane->Expect(1);
  return nullptr;
}

napi_value State(Call& call) {
  const ReplicaState state = ReplicaOf(call.Self()).state();
  napi_value object = nullptr;
  Check(napi_create_object(call.env, &object));
  Set(call.env, object, "queued", MakeCount(call.env, state.queued));
  Set(call.env, object, "queuedBytes", MakeCount(call.env, state.queued_bytes));
  Set(call.env, object, "taken", MakeCount(call.env, state.taken));
  Set(call.env, object, "unconfirmedMs", MakeNumber(call.env, state.unconfirmed_ms));
  return object;
}

}  // namespace

const std::vector<Method>& ReplicaMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"replicaPosition", Entry<PlaceOf>}, {"replicaLog", Entry<Log>},
      {"replicaWrite", Entry<Write>},      {"replicaFollow", Entry<Follow>},
      {"replicaDrain", Entry<Drain>},      {"replicaNext", Entry<Next>},
      {"replicaCancel", Entry<Cancel>},    {"replicaLogged", Entry<Logged>},
      {"replicaApply", Entry<Apply>},      {"replicaState", Entry<State>},
  };
  return *methods;
}

}  // namespace rocksdb_live
