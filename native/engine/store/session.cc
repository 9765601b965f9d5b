#include "engine/store/session.h"

#include <utility>

#include "engine/base/exceptions.h"
#include "engine/store/registry.h"

namespace rocksdb_live {
namespace {

const std::shared_ptr<Family>& None() {
  static const auto* const none = new std::shared_ptr<Family>();
  return *none;
}

const std::shared_ptr<Family>& NoFamily(Error* error) {
  *error = Error(Code::kDropped, "the column family was dropped", Outcome::kNotApplied);
  return None();
}

}  // namespace

Result<std::shared_ptr<Session>> Session::Open(const OpenRequest& request) {
  Result<std::shared_ptr<Store>> store = Registry::Get().Acquire(request);
  if (!store.ok()) return store.error;
  try {
    auto session = std::make_shared<Session>(store.value);
    session->owner_ = request.replica == ReplicaAccess::kNode;
    return session;
  } catch (...) {
    if (request.replica == ReplicaAccess::kNode) store.value->replica()->End();
    static_cast<void>(Registry::Get().Release(store.value));
    throw;
  }
}

Session::Session(std::shared_ptr<Store> store)
    : store_(std::move(store)), view_(store_->view()), resources_(&store_->resource_counts()) {}

Session::~Session() {
  if (BeginClose()) static_cast<void>(FinishClose());
}

Lease Session::TakeLease() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++leases_;
  }
  // The deleter holds the session, so that a lease can outlive every other reference.
  try {
    return Lease(nullptr, [self = shared_from_this()](void*) { self->Return(); });
  } catch (...) {
    Return();
    throw;
  }
}

void Session::Return() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (--leases_ == 0) changed_.notify_all();
}

void Session::Adopt(std::shared_ptr<const ReaderView> view) {
  if (!open_ || view == view_) return;
  std::swap(view, view_);
  try {
    store_->executor().Run([old = std::move(view)] {});  // closing takes a while with many tables
  } catch (const std::exception&) {
    // No thread can be started: the view closes on this one.
  }
}

std::vector<std::shared_ptr<Family>> Session::AllFamilies() const {
  if (!view_) return store_->ListedFamilies();
  std::vector<std::shared_ptr<Family>> live;
  for (const auto& family : view_->families) {
    if (family && store_->IsListed(*family)) live.push_back(family);
  }
  return live;
}

const std::shared_ptr<Family>& Session::LookUpFamily(uint32_t id, Error* error) {
  if (view_) {
    if (id < view_->families.size() && view_->families[id]) return view_->families[id];
    return NoFamily(error);
  }
  if (id < families_.size() && families_[id]) {  // dropped since it was cached
    families_[id].reset();
    return NoFamily(error);
  }
  std::shared_ptr<Family> family = store_->FindFamily(id);
  if (!family) return NoFamily(error);
  if (families_.size() <= id) families_.resize(id + 1);
  families_[id] = std::move(family);
  return families_[id];
}

const std::shared_ptr<Family>& Session::FamilyAt(uint32_t id, uint32_t snapshot, Error* error) {
  const std::shared_ptr<Snapshot> taken = FindSnapshot(snapshot, error);
  if (!taken) return None();
  const auto& families = taken->view()->families;
  if (id < families.size() && families[id]) return families[id];
  *error = Error(Code::kDropped, "the column family is not in the snapshot");
  return None();
}

uint32_t Session::TakeSnapshot() { return resources_.Add(std::make_shared<Snapshot>(db(), view_)); }

void Session::SetRecorder(std::shared_ptr<Recorder> recorder) {
  if (recorder_) store_->RemoveRecorder(recorder_);
  recorder_ = std::move(recorder);
  if (recorder_) store_->AddRecorder(recorder_);
  reads_.SetRecorder(recorder_);
}

void Session::Subscribe(std::shared_ptr<EventSink> sink) {
  event_sink_ = std::move(sink);
  store_->events().Subscribe(event_sink_);
}

void Session::EndReplica() {
  if (open_ && owner_) store_->replica()->End();
}

bool Session::BeginClose() {
  if (!open_) return false;
  EndReplica();
  open_ = false;
  canceled_.store(true, std::memory_order_release);
  return true;
}

Error Session::FinishClose() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return leases_ == 0; });
  beginnings_.clear();
  opened_feeds_.clear();
  kept_.clear();
  lock.unlock();
  store_->events().Unsubscribe(event_sink_);
  SetRecorder(nullptr);
  reads_.Clear();
  resources_.EndAll();
  families_.clear();
  view_.reset();
  // Threads that wait for this close must be woken, whatever happens.
  Error error = Caught([this] { return Registry::Get().Release(store_); });
  store_.reset();
  lock.lock();
  closed_ = true;
  changed_.notify_all();
  return error;
}

void Session::WaitClosed() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return closed_; });
}

Error Session::Close() {
  if (BeginClose()) return FinishClose();
  WaitClosed();
  return Error();
}

void Session::Keep(uint32_t operation, std::shared_ptr<void> made) {
  std::lock_guard<std::mutex> lock(mutex_);
  kept_[operation] = std::move(made);
}

std::shared_ptr<void> Session::TakeKeptOf(uint32_t operation) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto taken = kept_.extract(operation);
  return taken ? std::move(taken.mapped()) : nullptr;
}

}  // namespace rocksdb_live
