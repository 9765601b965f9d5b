#include "engine/base/clock.h"

#include <atomic>
#include <chrono>

namespace rocksdb_live {
namespace {

std::atomic<int64_t> shifted{0};

}  // namespace

uint64_t NowMs() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() +
                      shifted.load(std::memory_order_relaxed);
  return now < 0 ? 0 : static_cast<uint64_t>(now);
}

int64_t ShiftClock(int64_t ms) { return shifted.fetch_add(ms, std::memory_order_relaxed) + ms; }

}  // namespace rocksdb_live
