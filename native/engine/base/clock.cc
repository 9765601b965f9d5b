#include "engine/base/clock.h"

#include <atomic>
#include <chrono>

namespace rocksdb_live {
namespace {

std::atomic<uint64_t> shifted{0};  // two's complement: additions may wrap

}  // namespace

uint64_t NowMs() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  const auto now =
      static_cast<int64_t>(static_cast<uint64_t>(ms) + shifted.load(std::memory_order_relaxed));
  return now < 0 ? 0 : static_cast<uint64_t>(now);
}

int64_t ShiftClock(int64_t ms) {
  const auto more = static_cast<uint64_t>(ms);
  return static_cast<int64_t>(shifted.fetch_add(more, std::memory_order_relaxed) + more);
}

}  // namespace rocksdb_live
