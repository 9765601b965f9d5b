#include "engine/store/idle_compactions.h"

#include <string>
#include <system_error>
#include <utility>

namespace rocksdb_live {
namespace {

// The shortest period that expiry_filter.h sets.
constexpr std::chrono::hours kBetweenLooks{1};

}  // namespace

void LookForDueFiles(const std::vector<std::shared_ptr<Family>>& families) {
  for (const std::shared_ptr<Family>& family : families) {
    if (family->expiry() == nullptr || family->dropped()) continue;
    const uint64_t period = family->db()->GetOptions(family->handle()).periodic_compaction_seconds;
    if (period == 0) continue;
    // The same again: RocksDB weighs the files of the family anew.
    family->db()
        ->SetOptions(family->handle(), {{"periodic_compaction_seconds", std::to_string(period)}})
        .PermitUncheckedError();
  }
}

void IdleCompactions::Start(Families families) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_ || thread_.joinable()) return;
  try {
    thread_ = std::thread([this, families = std::move(families)] { Loop(families); });
  } catch (const std::system_error&) {
    return;  // no thread can be started; flushes and compactions look as well
  }
}

void IdleCompactions::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void IdleCompactions::Loop(const Families& families) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!changed_.wait_for(lock, kBetweenLooks, [this] { return stopping_; })) {
    lock.unlock();
    LookForDueFiles(families());
    lock.lock();
  }
}

}  // namespace rocksdb_live
