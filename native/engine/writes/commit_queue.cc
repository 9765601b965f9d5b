#include "engine/writes/commit_queue.h"

#include <future>
#include <unordered_map>
#include <utility>

#include "engine/base/exceptions.h"
#include "engine/writes/batch_check.h"

namespace rocksdb_live {
namespace {

// A merged write stays below this, so that a bulk load does not delay small writes; RocksDB's own
// write groups stop at 1 MiB, too (write_thread.h). Synced writes gain from larger groups.
constexpr size_t kGroupBytes = size_t{1} << 20;
constexpr size_t kSyncGroupBytes = size_t{4} << 20;

// Refused by CheckBatch: RocksDB has not seen it, and another batch in the group may be at fault.
bool IsRefusal(const Error& error) {
  return error.outcome() == Outcome::kNotApplied &&
         (error.code() == Code::kDropped || error.code() == Code::kInvalidArgument ||
          error.code() == Code::kNotSupported);
}

// Nothing would catch an exception on the queue's thread.
template <typename Work>
Error Attempt(Work work) {
  try {
    return work();
  } catch (...) {
    const Error error = CaughtError();
    return Error(error.code(), error.message(), Outcome::kUnknown);
  }
}

}  // namespace

CommitQueue::~CommitQueue() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void CommitQueue::Submit(std::string batch, uint32_t flags, uint32_t id,
                         std::shared_ptr<CommitSink> sink, std::shared_ptr<void> hold) {
  Item item;
  item.batch = std::move(batch);
  item.flags = flags;
  item.id = id;
  item.sink = std::move(sink);
  item.hold = std::move(hold);
  Push(std::move(item));
}

void CommitQueue::SubmitPrepared(Prepare prepare, uint32_t flags,
                                 std::function<void(const Error&)> done,
                                 std::shared_ptr<void> hold) {
  Item item;
  item.flags = flags;
  item.prepare = std::move(prepare);
  item.done = std::move(done);
  item.hold = std::move(hold);
  Push(std::move(item));
}

void CommitQueue::SubmitChecked(std::shared_ptr<CheckedWrite> write, uint32_t flags,
                                std::function<void(const Error&)> done,
                                std::shared_ptr<void> hold) {
  Item item;
  item.flags = flags;
  item.checked = std::move(write);
  item.done = std::move(done);
  item.hold = std::move(hold);
  Push(std::move(item));
}

Error CommitQueue::SubmitCheckedAndWait(std::shared_ptr<CheckedWrite> write, uint32_t flags) {
  std::promise<Error> outcome;
  const auto done = [&outcome](const Error& error) { outcome.set_value(error); };
  SubmitChecked(std::move(write), flags, done, nullptr);
  return outcome.get_future().get();
}

Error CommitQueue::SubmitAndWait(std::string batch, uint32_t flags) {
  std::promise<Error> outcome;
  Item item;
  item.batch = std::move(batch);
  item.flags = flags;
  item.done = [&outcome](const Error& error) { outcome.set_value(error); };
  Push(std::move(item));
  return outcome.get_future().get();
}

void CommitQueue::Push(Item item) {
  item.measured = Measuring::On();
  if (item.measured || recorded()) item.since = Recorders::Clock::now();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
    items_.push_back(std::move(item));
    pending_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_one();
}

void CommitQueue::RecordWaits(const std::vector<Item>& group) {
  if (!recorded()) return;
  const auto now = Recorders::Clock::now();
  for (const Item& item : group) {
    if (item.since.time_since_epoch().count() != 0) recorders_->OnQueueWait(now - item.since);
  }
}

bool CommitQueue::MeasureWaits(std::vector<Item>* group) {
  bool any = false;
  for (Item& item : *group) {
    if (!item.measured) continue;
    any = true;
    item.timings.queue_ms = Measuring::Ms(Measuring::Clock::now() - item.since);
  }
  return any;
}

bool CommitQueue::IsChecked(const Item& item) { return item.checked != nullptr; }

size_t CommitQueue::SizeOf(const Item& item) {
  return item.checked ? item.checked->batch.size() : item.batch.size();
}

// Takes the first waiting item and those after it that can be written with it. Call with the lock
// held.
std::vector<CommitQueue::Item> CommitQueue::TakeGroup() {
  std::vector<Item> group;
  size_t bytes = 0;
  const uint32_t flags = items_.front().flags;
  const bool checked = IsChecked(items_.front());
  const size_t limit = (flags & 1) != 0 ? kSyncGroupBytes : kGroupBytes;
  while (!items_.empty()) {
    Item& next = items_.front();
    const bool alone = static_cast<bool>(next.prepare);
    const size_t size = SizeOf(next);
    const bool other = !group.empty() && (next.flags != flags || IsChecked(next) != checked);
    if (other || (!group.empty() && (alone || bytes + size > limit))) break;
    bytes += size;
    group.push_back(std::move(next));
    items_.pop_front();
    if (alone) break;
  }
  return group;
}

Error CommitQueue::WriteOne(Item* item) {
  if (item->prepare) {
    Error error = item->prepare(&item->batch);
    if (!error.ok() || item->batch.empty()) return error;
  }
  return write_(&item->batch, item->flags, {});
}

CommitQueue::Merged CommitQueue::Merge(std::vector<Item>* group) {
  std::string& merged = group->front().batch;
  Merged before;
  before.size = merged.size();
  before.count = BatchCount(merged);
  uint32_t count = before.count;
  if (recorded()) {
    for (const Item& item : *group) {
      before.parts.push_back({BatchCount(item.batch), item.batch.size()});
    }
  }
  for (size_t i = 1; i < group->size(); ++i) {
    const std::string& batch = (*group)[i].batch;
    merged.append(batch, kBatchHeader, std::string::npos);
    count += BatchCount(batch);
  }
  SetBatchCount(&merged, count);
  return before;
}

// Writes the group as one batch. If that is refused, `group` is unchanged.
Error CommitQueue::WriteMerged(std::vector<Item>* group) {
  std::string& merged = group->front().batch;
  const Merged before = Merge(group);
  Error error = write_(&merged, group->front().flags, before.parts);
  if (IsRefusal(error)) {
    merged.resize(before.size);
    SetBatchCount(&merged, before.count);
  }
  return error;
}

// Like WriteMerged, but it is only proposed if this succeeds.
Error CommitQueue::ProposeMerged(const std::shared_ptr<std::vector<Item>>& group) {
  Item& first = group->front();
  if (first.prepare) {
    // It reads what was written before it.
    Error error = proposals_->Settle();
    if (error.ok()) error = first.prepare(&first.batch);
    if (!error.ok()) return error;
    if (first.batch.empty()) {
      Finish(*group, error);
      return error;
    }
  }
  const auto done = [this, group](const Error& error) {
    Finish(*group, error);
    group->clear();
  };
  const Merged before = Merge(group.get());
  Error error = proposals_->Propose(&first.batch, first.flags, before.parts, done);
  if (!error.ok()) {
    first.batch.resize(before.size);
    SetBatchCount(&first.batch, before.count);
  }
  return error;
}

void CommitQueue::ProposeChecked(std::vector<Item>* group) {
  for (Item& item : *group) {
    const auto single = std::make_shared<std::vector<Item>>();
    const std::shared_ptr<CheckedWrite> write = item.checked;
    const uint32_t flags = item.flags;
    single->push_back(std::move(item));
    const auto done = [this, single](const Error& error) {
      Finish(*single, error);
      single->clear();
    };
    const Error thrown = Attempt([&] {
      write->Prepare();
      proposals_->ProposeChecked(write, flags, done);
      return Error();
    });
    if (!thrown.ok() && !single->empty()) done(thrown);
  }
}

void CommitQueue::ProposeGroup(std::vector<Item> group) {
  if (IsChecked(group.front())) return ProposeChecked(&group);
  const auto all = std::make_shared<std::vector<Item>>(std::move(group));
  const Error error = Attempt([&] { return ProposeMerged(all); });
  if (error.ok()) return;
  if (!IsRefusal(error) || all->size() == 1) return Finish(*all, error);
  for (Item& item : *all) {
    const auto single = std::make_shared<std::vector<Item>>();
    single->push_back(std::move(item));
    const Error own = Attempt([&] { return ProposeMerged(single); });
    if (!own.ok()) Finish(*single, own);
  }
}

void CommitQueue::WriteEachChecked(std::vector<Item>* group) {
  std::vector<CheckedWrite*> writes;
  for (const Item& item : *group) writes.push_back(item.checked.get());
  std::vector<Error> errors;
  const Error thrown = Attempt([&] {
    for (CheckedWrite* const write : writes) write->Prepare();
    errors = write_checked_(writes, group->front().flags);
    return Error();
  });
  for (size_t i = 0; i < group->size(); ++i) {
    std::vector<Item> single;
    single.push_back(std::move((*group)[i]));
    Finish(single, thrown.ok() ? errors[i] : thrown);
  }
}

void CommitQueue::WriteGroup(std::vector<Item>* group) {
  if (IsChecked(group->front())) return WriteEachChecked(group);
  if (group->size() > 1) {
    const Error error = Attempt([&] { return WriteMerged(group); });
    if (!IsRefusal(error)) return Finish(*group, error);
  }
  // A group of one, or one whose merged batch was refused before RocksDB saw it: each is written by
  // itself, so that only the bad one fails.
  for (Item& item : *group) {
    std::vector<Item> single;
    single.push_back(std::move(item));
    const Error error = Attempt([&] { return WriteOne(&single.front()); });
    Finish(single, error);
  }
}

void CommitQueue::Finish(const std::vector<Item>& group, const Error& error) {
  // Before the callbacks, so that they find the queue idle again.
  pending_.fetch_sub(group.size(), std::memory_order_release);
  Announce(group, error);
}

void CommitQueue::Announce(const std::vector<Item>& group, const Error& error) {
  std::vector<std::pair<CommitSink*, std::vector<uint32_t>>> by_sink;
  for (const Item& item : group) {
    Timings timings = item.timings;
    // A replica's writes are made elsewhere, by the log.
    if (item.measured && proposals_ == nullptr)
      timings.wal_ms = Measuring::WalMs() - wal_before_ms_;
    if (item.done) {
      const ToldTimings told(item.measured ? &timings : nullptr);
      item.done(error);
      continue;
    }
    if (item.measured) item.sink->OnMeasured(item.id, timings);
    if (by_sink.empty() || by_sink.back().first != item.sink.get()) {
      by_sink.emplace_back(item.sink.get(), std::vector<uint32_t>());
    }
    by_sink.back().second.push_back(item.id);
  }
  for (auto& [sink, ids] : by_sink) sink->OnCommitted(std::move(ids), error);
}

void CommitQueue::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !items_.empty(); });
    if (items_.empty()) return;
    std::vector<Item> group = TakeGroup();
    lock.unlock();
    RecordWaits(group);
    const Measuring measuring(MeasureWaits(&group));
    wal_before_ms_ = Measuring::WalMs();
    if (proposals_ == nullptr) {
      WriteGroup(&group);
    } else {
      ProposeGroup(std::move(group));
    }
    group.clear();
    lock.lock();
  }
}

}  // namespace rocksdb_live
