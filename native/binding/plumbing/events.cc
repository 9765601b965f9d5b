#include "binding/plumbing/events.h"

#include <string>

#include "binding/plumbing/call.h"
#include "binding/plumbing/environment.h"

namespace rocksdb_live {
namespace {

// If JavaScript is busy for long, further events are dropped.
constexpr size_t kMostWaiting = 256;

// Delivers all events that are waiting by then.
class EventsWaiting : public Completion {
 public:
  explicit EventsWaiting(std::shared_ptr<EventInbox> inbox) : inbox_(std::move(inbox)) {}
  size_t count() const override { return 0; }
  void Deliver(Environment* environment) override { inbox_->Deliver(environment); }

 private:
  const std::shared_ptr<EventInbox> inbox_;
};

napi_value FieldsToJs(napi_env env, const Event& event) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  for (const auto& [name, value] : event.fields) {
    const auto* const text = std::get_if<std::string>(&value);
    Check(napi_set_named_property(
        env, object, name,
        text != nullptr ? MakeString(env, *text) : MakeNumber(env, std::get<double>(value))));
  }
  return object;
}

}  // namespace

void EventInbox::OnEvent(const std::shared_ptr<const Event>& event) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (waiting_.size() >= kMostWaiting) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  waiting_.push_back(event);
  if (waiting_.size() == 1) lane_->Post(std::make_unique<EventsWaiting>(shared_from_this()));
}

void EventInbox::Deliver(Environment* environment) {
  std::vector<std::shared_ptr<const Event>> events;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    events.swap(waiting_);
  }
  napi_env env = environment->env;
  for (const auto& event : events) {
    napi_value arguments[4] = {MakeNumber(env, listener_), MakeString(env, event->type),
                               FieldsToJs(env, *event),
                               MakeNumber(env, static_cast<double>(dropped()))};
    CallHook(env, environment->hooks.deliver_event, 4, arguments);
  }
}

}  // namespace rocksdb_live
