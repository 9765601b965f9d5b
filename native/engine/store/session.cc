#include "engine/store/session.h"

#include <utility>

#include "engine/base/exceptions.h"
#include "engine/store/registry.h"

namespace rocksdb_live {

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
    // No thread can be started: it closes here.
  }
}

std::vector<std::shared_ptr<Family>> Session::AllFamilies() const {
  if (!view_) return store_->AllFamilies();
  std::vector<std::shared_ptr<Family>> live;
  for (const auto& family : view_->families) {
    if (family) live.push_back(family);
  }
  return live;
}

const std::shared_ptr<Family>& Session::FindFamily(uint32_t id) {
  static const auto* const none = new std::shared_ptr<Family>();
  if (view_) return id < view_->families.size() ? view_->families[id] : *none;
  if (id < families_.size() && families_[id]) {
    if (!families_[id]->dropped()) return families_[id];
    families_[id].reset();
    return *none;
  }
  std::shared_ptr<Family> family = store_->FindFamily(id);
  if (!family) return *none;
  if (families_.size() <= id) families_.resize(id + 1);
  families_[id] = std::move(family);
  return families_[id];
}

uint32_t Session::NextId() {
  uint32_t id = next_id_++;
  while (id == 0 || cursors_.count(id) != 0 || snapshots_.count(id) != 0) id = next_id_++;
  return id;
}

uint32_t Session::AddSnapshot() {
  const uint32_t id = NextId();
  snapshots_[id] = std::make_shared<Snapshot>(db(), view_);
  return id;
}

std::shared_ptr<Snapshot> Session::FindSnapshot(uint32_t id, bool* known) const {
  const auto found = id == 0 ? snapshots_.end() : snapshots_.find(id);
  *known = id == 0 || found != snapshots_.end();
  return found == snapshots_.end() ? nullptr : found->second;
}

uint32_t Session::AddCursor(std::shared_ptr<Cursor> cursor) {
  const uint32_t id = NextId();
  cursors_[id].cursor = std::move(cursor);
  store_->open_cursors().fetch_add(1, std::memory_order_relaxed);
  return id;
}

void Session::RemoveCursor(uint32_t id) {
  const auto removed = static_cast<int64_t>(cursors_.erase(id));
  store_->open_cursors().fetch_sub(removed, std::memory_order_relaxed);
}

Session::CursorSlot* Session::FindCursor(uint32_t id) {
  const auto found = cursors_.find(id);
  return found == cursors_.end() ? nullptr : &found->second;
}

void Session::SetRecorder(std::shared_ptr<Recorder> recorder) {
  if (recorder_) store_->RemoveRecorder(recorder_);
  recorder_ = std::move(recorder);
  if (recorder_) store_->AddRecorder(recorder_);
  read_sampler_.Set(recorder_ ? recorder_->read_sample() : 0);
}

void Session::Subscribe(std::shared_ptr<EventSink> sink) {
  event_sink_ = std::move(sink);
  store_->events().Subscribe(event_sink_);
}

bool Session::BeginClose() {
  if (!open_) return false;
  open_ = false;
  canceled_.store(true, std::memory_order_release);
  return true;
}

Error Session::FinishClose() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return leases_ == 0; });
  lock.unlock();
  store_->events().Unsubscribe(event_sink_);
  SetRecorder(nullptr);
  store_->open_cursors().fetch_sub(static_cast<int64_t>(cursors_.size()),
                                   std::memory_order_relaxed);
  cursors_.clear();
  snapshots_.clear();
  families_.clear();
  view_.reset();
  // Whatever happens, whoever waits for this close must hear of its end.
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

}  // namespace rocksdb_live
