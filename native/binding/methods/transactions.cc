// Transactions, by their numbers, and conditional writes.
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/request.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

// JavaScript gets a ticket as a double: there are fewer than 2^53.
napi_value TicketToJs(const Call& call, uint64_t ticket) {
  return call.Number(static_cast<double>(ticket));
}

napi_value Begin(Call& call) {
  SessionHandle& self = call.Self();
  const bool serializable = call.Uint32(0) == 0;
  const Isolation isolation = serializable ? Isolation::kSerializable : Isolation::kSnapshot;
  const BegunTransaction begun = ValueOf(self.session->BeginTransaction(isolation));
  auto* const state = reinterpret_cast<uint32_t*>(self.environment->state.data);
  state[0] = static_cast<uint32_t>(begun.id >> 32) << 1 | (begun.started ? 1U : 0U);
  state[1] = static_cast<uint32_t>(begun.id);
  return call.Number(begun.number);
}

napi_value Start(Call& call) {
  return call.Boolean(ValueOf(call.Self().session->TryStart(call.Uint32(0))));
}

napi_value StartNow(Call& call) {
  ThrowIf(call.Self().session->StartNow(call.Uint32(0)));
  return nullptr;
}

// Posted by another thread.
class StartDone : public Completion {
 public:
  StartDone(uint32_t operation, uint32_t transaction, uint32_t attempt,
            std::shared_ptr<Session> session, Error error)
      : operation_(operation),
        transaction_(transaction),
        attempt_(attempt),
        session_(std::move(session)),
        error_(std::move(error)) {}

  void Deliver(Environment* environment) override {
    if (session_->open()) session_->TakeStart(transaction_, attempt_);
    Result<Nothing> result = error_.ok() ? Result<Nothing>(Nothing{}) : Result<Nothing>(error_);
    JobDone<Nothing, decltype(&NothingToJs)>(operation_, std::move(result), &NothingToJs)
        .Deliver(environment);
  }

 private:
  const uint32_t operation_;
  const uint32_t transaction_;
  const uint32_t attempt_;
  const std::shared_ptr<Session> session_;
  const Error error_;
};

napi_value StartLater(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane> lane = self.environment->lane;
  const auto done = [lane, operation = call.Uint32(0), transaction = call.Uint32(1),
                     session = self.session](uint32_t attempt, const Error& error) {
    lane->Post(std::make_unique<StartDone>(operation, transaction, attempt, session, error));
  };
  ThrowIf(self.session->StartElsewhere(call.Uint32(1), done));
  lane->Expect(1);
  return nullptr;
}

napi_value Retry(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane>& lane = self.environment->lane;
  const Turn turn = ValueOf(
      self.session->Retry(call.Uint32(1), call.Bool(2) ? Telling(lane, call.Uint32(0)) : nullptr));
  if (turn == Turn::kWaits) lane->Expect(1);
  return call.Integer(static_cast<int32_t>(turn));
}

napi_value Append(Call& call) {
  ThrowIf(call.Self().session->AppendTo(call.Uint32(0), BatchOf(call, 1)));
  return nullptr;
}

napi_value RollBack(Call& call) {
  ThrowIf(call.Self().session->RollBackTo(call.Uint32(0), call.Uint32(1), call.Uint32(2)));
  return nullptr;
}

napi_value NoteRange(Call& call) {
  SessionHandle& self = call.Self();
  ThrowIf(self.session->NoteRange(call.Uint32(0), FamilyNumberOf(self), RangeOf(self)));
  return nullptr;
}

napi_value LockKey(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane>& lane = self.environment->lane;
  const bool waits = call.Bool(4);
  const uint64_t ticket =
      ValueOf(self.session->Lock(call.Uint32(1), call.Uint32(2), self.Key(call.Uint32(3)),
                                 waits ? Telling(lane, call.Uint32(0)) : nullptr));
  if (ticket != 0) lane->Expect(1);
  return TicketToJs(call, ticket);
}

napi_value CancelLock(Call& call) {
  SessionHandle& self = call.SelfEvenClosed();
  if (!self.session->open()) return nullptr;
  const double ticket = call.Double(0);
  if (!(ticket >= 0 && ticket <= 9007199254740992)) throw BadArgument{"no ticket of a wait"};
  self.session->CancelLock(static_cast<uint64_t>(ticket));
  return nullptr;
}

napi_value ReadLocked(Call& call) {
  SessionHandle& self = call.Self();
  ThrowIf(self.session->ReadLocked(call.Uint32(0), call.Uint32(1), self.Key(call.Uint32(2)),
                                   call.Bool(3)));
  return nullptr;
}

napi_value Commit(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane>& lane = self.environment->lane;
  const bool done = ValueOf(self.session->CommitTransaction(
      call.Uint32(1), BatchOf(call, 2), call.Uint32(4), Telling(lane, call.Uint32(0))));
  if (!done) lane->Expect(1);
  return call.Boolean(done);
}

napi_value CommitNow(Call& call) {
  ThrowIf(
      call.Self().session->CommitTransactionNow(call.Uint32(0), BatchOf(call, 1), call.Uint32(3)));
  return nullptr;
}

napi_value End(Call& call) {
  SessionHandle& self = call.SelfEvenClosed();
  if (self.session->open()) self.session->EndTransaction(call.Uint32(0));
  return nullptr;
}

std::string_view Checks(const Call& call, size_t index) {
  const Bytes bytes = call.Buffer(index);
  const size_t size = call.Uint32(index + 1);
  if (size > bytes.size) throw BadArgument{"the comparisons are cut short"};
  return {bytes.data, size};
}

napi_value BooleanToJs(napi_env env, bool* value) {
  napi_value result = nullptr;
  Check(napi_get_boolean(env, *value, &result));
  return result;
}

napi_value CompareAndCommit(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane> lane = self.environment->lane;
  const auto done = [lane, id = call.Uint32(0)](const Result<bool>& held) {
    lane->Post(std::make_unique<JobDone<bool, decltype(&BooleanToJs)>>(id, held, &BooleanToJs));
  };
  const CompareRequest request{Checks(call, 1), BatchOf(call, 3), call.Uint32(5)};
  const std::optional<bool> held = ValueOf(self.session->CompareAndCommit(request, done));
  if (held) return call.Boolean(*held);
  lane->Expect(1);
  return nullptr;
}

napi_value CompareAndCommitNow(Call& call) {
  SessionHandle& self = call.Self();
  const CompareRequest request{Checks(call, 0), BatchOf(call, 2), call.Uint32(4)};
  return call.Boolean(ValueOf(self.session->CompareAndCommitNow(request)));
}

void Set(napi_env env, napi_value object, const char* name, napi_value value) {
  Check(napi_set_named_property(env, object, name, value));
}

napi_value OpenToJs(napi_env env, const OpenTransaction& open) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  const bool serializable = open.isolation == Isolation::kSerializable;
  Set(env, object, "id", MakeNumber(env, static_cast<double>(open.id)));
  Set(env, object, "isolation", MakeString(env, serializable ? "serializable" : "snapshot"));
  Set(env, object, "ageSeconds", MakeNumber(env, open.age_seconds));
  Set(env, object, "reads", MakeNumber(env, static_cast<double>(open.reads)));
  Set(env, object, "writes", MakeNumber(env, static_cast<double>(open.writes)));
  Set(env, object, "locks", MakeNumber(env, static_cast<double>(open.locks)));
  napi_value waits = nullptr;
  Check(napi_create_array_with_length(env, open.waits_for.size(), &waits));
  for (size_t i = 0; i < open.waits_for.size(); ++i) {
    const napi_value id = MakeNumber(env, static_cast<double>(open.waits_for[i]));
    Check(napi_set_element(env, waits, static_cast<uint32_t>(i), id));
  }
  Set(env, object, "waitsFor", waits);
  return object;
}

napi_value List(Call& call) {
  const auto open = call.Self().session->store().transactions().Open();
  napi_value array = nullptr;
  Check(napi_create_array_with_length(call.env, open.size(), &array));
  for (size_t i = 0; i < open.size(); ++i) {
    Check(napi_set_element(call.env, array, static_cast<uint32_t>(i), OpenToJs(call.env, open[i])));
  }
  return array;
}

napi_value SetWindow(Call& call) {
  SessionHandle& self = call.Self();
  const double bytes = call.Double(0);
  if (!(bytes >= 1 && bytes <= 1e15)) throw BadArgument{"a window of so many bytes"};
  self.session->store().transactions().window().SetMostBytes(static_cast<size_t>(bytes));
  return nullptr;
}

}  // namespace

const std::vector<Method>& TransactionMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"beginTransaction", Entry<Begin>},
      {"startTransaction", Entry<Start>},
      {"startTransactionNow", Entry<StartNow>},
      {"startTransactionLater", Entry<StartLater>},
      {"retryTransaction", Entry<Retry>},
      {"appendToTransaction", Entry<Append>},
      {"rollBackTransaction", Entry<RollBack>},
      {"noteRange", Entry<NoteRange>},
      {"lockKey", Entry<LockKey>},
      {"cancelLock", Entry<CancelLock>},
      {"readLocked", Entry<ReadLocked>},
      {"commitTransaction", Entry<Commit>},
      {"commitTransactionNow", Entry<CommitNow>},
      {"endTransaction", Entry<End>},
      {"compareAndCommit", Entry<CompareAndCommit>},
      {"compareAndCommitNow", Entry<CompareAndCommitNow>},
      {"transactions", Entry<List>},
      {"setTransactionWindow", Entry<SetWindow>},
  };
  return *methods;
}

}  // namespace rocksdb_live
