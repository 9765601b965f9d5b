// The wall clock, by which rows expire.
#pragma once

#include <cstdint>

namespace rocksdb_live {

// Milliseconds since 1970, by the system's clock and what ShiftClock has added to it.
uint64_t NowMs();

// Adds to the clock of this process, for tests; returns what all calls have added together.
int64_t ShiftClock(int64_t ms);

}  // namespace rocksdb_live
