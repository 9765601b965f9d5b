#include "binding/plumbing/session_object.h"

#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/convert.h"
#include "engine/store/modes.h"

namespace rocksdb_live {

SessionHandle::SessionHandle(Environment* e, std::shared_ptr<Session> s)
    : Owner(e), session(std::move(s)) {
  environment->sessions.insert(this);
}

SessionHandle::~SessionHandle() {
  environment->sessions.erase(this);
  if (!session->BeginClose()) return;
  // A finalizer must not wait: another thread closes and waits for work.
  const auto close = [session = session] { static_cast<void>(session->FinishClose()); };
  try {
    RunTask(environment->lane, close);
  } catch (...) {
    close();  // no thread can be started, and an exception would end the process here
  }
}

std::shared_ptr<Family> SessionHandle::FindFamily(uint32_t id) const {
  Error error;
  std::shared_ptr<Family> family = session->FindFamily(id, &error);
  ThrowIf(error);
  return family;
}

std::string_view SessionHandle::Key(size_t length, size_t offset) const {
  const Environment::Shared& key = environment->key;
  if (offset > key.size || length > key.size - offset) {
    throw BadArgument{"the key is longer than the key buffer"};
  }
  return {key.data + offset, length};
}

Error SessionHandle::EndNow() {
  const std::string path = session->open() ? session->store().path() : "";
  const Error error = session->Close();
  return error.ok() ? error : error.WithContext("close of \"" + path + "\" failed");
}

namespace {

using Shared = std::shared_ptr<SessionHandle>;

// Replaces a method that the session's mode does not allow.
struct Refused : Owner {
  Refused(const Shared& s, std::string m)
      : Owner(s->environment), session(s), method(std::move(m)) {}
  const Shared session;
  const std::string method;
};

napi_value Refuse(Call& call) {
  const auto& refused = static_cast<const Refused&>(*call.owner());
  const Session& session = *refused.session->session;
  if (!session.open()) throw Failure{Error(Code::kClosed, "the database is closed")};
  throw Failure{CheckMode(session.store().mode(), refused.method)};
}

// Makes a function whose data is `owner`, and which keeps `held` alive for as long as it exists.
template <typename Held>
void AttachFunction(napi_env env, napi_value object, const Method& method, Owner* owner,
                    Held held) {
  napi_value function = nullptr;
  Check(
      napi_create_function(env, method.name, NAPI_AUTO_LENGTH, method.callback, owner, &function));
  auto* const kept = new Held(std::move(held));
  const auto release = [](napi_env, void* data, void*) { delete static_cast<Held*>(data); };
  const napi_status status = napi_add_finalizer(env, function, kept, release, nullptr, nullptr);
  if (status != napi_ok) delete kept;
  Check(status);
  Check(napi_set_named_property(env, object, method.name, function));
}

void Attach(napi_env env, napi_value object, const Method& method, const Shared& shared) {
  if (CheckMode(shared->session->store().mode(), method.name).ok()) {
    AttachFunction(env, object, method, static_cast<Owner*>(shared.get()), shared);
    return;
  }
  const auto refused = std::make_shared<Refused>(shared, method.name);
  AttachFunction(env, object, Method{method.name, Entry<Refuse>}, refused.get(), refused);
}

}  // namespace

napi_value NewSessionObject(Environment* environment, const std::shared_ptr<Session>& session) {
  napi_env env = environment->env;
  const Shared shared = std::make_shared<SessionHandle>(environment, session);
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  for (const auto* methods :
       {&ReadMethods(), &WriteMethods(), &CursorMethods(), &FamilyMethods(), &InspectMethods(),
        &LiveOptionMethods(), &MaintenanceMethods(), &MetricsMethods(), &TransactionMethods(),
        &ChangeMethods(), &CaptureMethods(), &DataFileMethods(), &ReplicaMethods()}) {
    for (const Method& method : *methods) Attach(env, object, method, shared);
  }
  const Store& store = session->store();
  Check(napi_set_named_property(env, object, "path", MakeString(env, store.path())));
  Check(napi_set_named_property(env, object, "recovery", RecoveryToJs(env, store.recovery())));
  Check(napi_set_named_property(env, object, "strangers", StringsToJs(env, store.strangers())));
  return object;
}

}  // namespace rocksdb_live
