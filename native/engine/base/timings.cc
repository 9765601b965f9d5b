#include "engine/base/timings.h"

namespace rocksdb_live {
namespace {

thread_local uint32_t depth = 0;
thread_local int64_t wal_ns = 0;
thread_local const Timings* told = nullptr;

}  // namespace

std::atomic<uint32_t> Measuring::threads{0};

bool Measuring::Here() { return depth > 0; }

void Measuring::Begin() {
  if (depth++ == 0) threads.fetch_add(1, std::memory_order_relaxed);
}

void Measuring::End() {
  if (depth == 0) return;
  if (--depth == 0) threads.fetch_sub(1, std::memory_order_relaxed);
}

void Measuring::AddWal(Clock::duration took) {
  wal_ns += std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
}

double Measuring::WalMs() { return static_cast<double>(wal_ns) / 1e6; }

ToldTimings::ToldTimings(const Timings* timings) : before_(told) { told = timings; }

ToldTimings::~ToldTimings() { told = before_; }

const Timings* ToldTimings::Now() { return told; }

}  // namespace rocksdb_live
