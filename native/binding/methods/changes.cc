// Readers of changes, by their numbers.
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

// Most is a size in bytes or a time in milliseconds; JavaScript has checked it.
uint64_t CountOf(const Call& call, size_t index) {
  const double value = call.Double(index);
  if (!(value >= 0 && value <= 9007199254740992)) throw BadArgument{"a number is out of range"};
  return static_cast<uint64_t>(value);
}

void Set(napi_env env, napi_value object, const char* name, napi_value value) {
  Check(napi_set_named_property(env, object, name, value));
}

napi_value MakeObject(napi_env env) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  return object;
}

napi_value MakeBoolean(napi_env env, bool value) {
  napi_value result = nullptr;
  Check(napi_get_boolean(env, value, &result));
  return result;
}

template <typename T, typename Each>
napi_value MakeArray(napi_env env, const std::vector<T>& all, Each each) {
  napi_value array = nullptr;
  Check(napi_create_array_with_length(env, all.size(), &array));
  for (size_t i = 0; i < all.size(); ++i) {
    Check(napi_set_element(env, array, static_cast<uint32_t>(i), each(env, all[i])));
  }
  return array;
}

napi_value RecordToJs(napi_env env, const FamilyRecord& record) {
  const napi_value object = MakeObject(env);
  Set(env, object, "id", MakeNumber(env, record.id));
  Set(env, object, "name", MakeString(env, record.name));
  Set(env, object, "dropped", MakeBoolean(env, record.kind == FamilyRecord::Kind::kDropped));
  return object;
}

// `opened` is nothing if the session was closed meanwhile.
napi_value OpenedToJs(napi_env env, std::optional<OpenedFeed> opened, Session& session) {
  const napi_value object = MakeObject(env);
  ResourceTable& resources = session.resources();
  const uint32_t feed = opened ? resources.Add(std::move(opened->feed)) : 0;
  const bool viewed = opened && opened->snapshot;
  const uint32_t snapshot = viewed ? resources.Add(std::move(opened->snapshot)) : 0;
  if (!opened) opened.emplace();
  Set(env, object, "feed", MakeNumber(env, feed));
  Set(env, object, "snapshot", MakeNumber(env, snapshot));
  Set(env, object, "epoch", MakeString(env, opened->epoch));
  Set(env, object, "token", MakeString(env, opened->token));
  napi_value sequence = nullptr;
  Check(napi_create_bigint_uint64(env, opened->sequence, &sequence));
  Set(env, object, "sequence", sequence);
  Set(env, object, "families", MakeArray(env, opened->families, RecordToJs));
  return object;
}

napi_value OpenFeed(Call& call) {
  SessionHandle& self = call.Self();
  FeedRequest request;
  request.after = call.String(1);
  request.snapshot = call.Bool(2);
  request.durable = call.Bool(3);
  const uint32_t operation = call.Uint32(0);
  const auto work = [session = self.session, operation, request]() -> Result<Nothing> {
    return session->OpenFeed(operation, request);
  };
  const auto to_js = [session = self.session, operation](napi_env env, Nothing*) {
    return OpenedToJs(env, session->open() ? session->TakeFeed(operation) : std::nullopt, *session);
  };
  RunLong<Nothing>(self, operation, work, to_js);
  return nullptr;
}

napi_value PageToJs(napi_env env, std::string* page) {
  return MakeBuffer(env, page->data(), page->size());
}

// The end of a read that was queued or waited.
class PageDone : public Completion {
 public:
  PageDone(uint32_t operation, uint32_t feed, std::shared_ptr<Session> session,
           Result<std::string> page)
      : operation_(operation), feed_(feed), session_(std::move(session)), page_(std::move(page)) {}

  void Deliver(Environment* environment) override {
    if (session_ && session_->open()) session_->FeedIsIdle(feed_);
    JobDone<std::string, decltype(&PageToJs)>(operation_, std::move(page_), &PageToJs)
        .Deliver(environment);
  }

 private:
  const uint32_t operation_;
  const uint32_t feed_;
  const std::shared_ptr<Session> session_;
  Result<std::string> page_;
};

napi_value ReadFeed(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane>& lane = self.environment->lane;
  const uint32_t feed = call.Uint32(1);
  // Weak: the session owns the feed, whose end calls this.
  const auto done = [lane, operation = call.Uint32(0), feed,
                     session = std::weak_ptr<Session>(self.session)](Result<std::string> page) {
    lane->Post(std::make_unique<PageDone>(operation, feed, session.lock(), std::move(page)));
  };
  std::optional<std::string> page =
      ValueOf(self.session->ReadFeed(feed, static_cast<size_t>(CountOf(call, 2)), done));
  if (page) return PageToJs(call.env, &*page);
  lane->Expect(1);
  return nullptr;
}

napi_value CancelFeed(Call& call) {
  SessionHandle& self = call.SelfEvenClosed();
  if (self.session->open()) self.session->CancelFeed(call.Uint32(0));
  return nullptr;
}

napi_value TokenOf(Call& call) {
  SessionHandle& self = call.Self();
  Position position;
  position.incarnation = call.Uint32(0);
  position.families = call.Uint32(1);
  position.next = (static_cast<uint64_t>(call.Uint32(2)) << 32 | call.Uint32(3)) + 1;
  return MakeString(call.env, self.session->store().changes().TokenOf(position));
}

napi_value Retain(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(), name = call.String(1), after = call.String(2),
                     bytes = CountOf(call, 3), age_ms = CountOf(call, 4)]() -> Result<Nothing> {
    return store->changes().Retain(name, after, bytes, age_ms);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value Release(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(), name = call.String(1)] {
    return store->changes().Release(name);
  };
  const auto to_js = [](napi_env env, bool* was_there) { return MakeBoolean(env, *was_there); };
  RunLong<bool>(self, call.Uint32(0), work, to_js);
  return nullptr;
}

napi_value PlaceToJs(napi_env env, const NamedPlace& named) {
  const napi_value object = MakeObject(env);
  Set(env, object, "name", MakeString(env, named.name));
  Set(env, object, "token", MakeString(env, named.token));
  Set(env, object, "lagBytes", MakeNumber(env, static_cast<double>(named.lag_bytes)));
  Set(env, object, "ageSeconds", MakeNumber(env, named.age_seconds));
  Set(env, object, "maxBytes", MakeNumber(env, static_cast<double>(named.place.most_bytes)));
  Set(env, object, "maxAgeMs", MakeNumber(env, static_cast<double>(named.place.most_age_ms)));
  Set(env, object, "lost", MakeBoolean(env, named.place.lost));
  return object;
}

napi_value Places(Call& call) {
  SessionHandle& self = call.Self();
  using All = std::vector<NamedPlace>;
  const auto work = [store = &self.session->store()]() -> Result<All> {
    return store->changes().Places();
  };
  const auto to_js = [](napi_env env, All* all) { return MakeArray(env, *all, PlaceToJs); };
  RunLong<All>(self, call.Uint32(0), work, to_js);
  return nullptr;
}

}  // namespace

const std::vector<Method>& ChangeMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"openChanges", Entry<OpenFeed>},     {"readChanges", Entry<ReadFeed>},
      {"cancelChanges", Entry<CancelFeed>}, {"changesToken", Entry<TokenOf>},
      {"retainChanges", Entry<Retain>},     {"releaseChanges", Entry<Release>},
      {"retainedChanges", Entry<Places>},
  };
  return *methods;
}

}  // namespace rocksdb_live
