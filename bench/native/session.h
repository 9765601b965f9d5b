// What one call of the limit program works on, and how it is timed.
#pragma once

#include <functional>
#include <string>

#include "clock.h"
#include "data.h"
#include "database.h"

namespace bench {

constexpr uint64_t kChunkRows = 1000 * 1000;
constexpr uint64_t kWarmRows = 20 * 1000;
constexpr size_t kBatchRows = 1000;
constexpr size_t kLargeBatchRows = 16;  // of values from 4 KiB on

// Figures of one workload: operations in a time, or one value with its unit said elsewhere.
struct Figure {
  uint64_t ops = 0;
  int64_t ns = 0;
  double value = 0;
};

struct Session {
  std::string directory;
  Settings settings;
  uint32_t rows;
  Values values;
  bool read_once = true;
  bool reopen = false;

  size_t BatchRows() const { return values.size() >= 4096 ? kLargeBatchRows : kBatchRows; }
};

// Which row the j-th operation is about, and how its key is spelled.
struct Plan {
  uint64_t count;
  bool sequential;
  std::function<uint64_t(uint64_t)> row;
};

// Makes the chunks of a plan, and times only what `work` does with them.
Figure Timed(const Session& session, const Plan& plan,
             const std::function<void(const Chunk&)>& work);

// Does `pass` as often as JavaScript does to have it compiled (bench/support/timing.mjs): C++ has
// its memory, its caches and the files of the log warm by then, too.
void WarmUp(const std::function<void()>& pass);

// One workload by its kind; `ops` is how many operations. Those of `RunLoaded` share a database.
Figure RunFresh(const Session& session, const std::string& kind, uint64_t ops);
Figure RunLoaded(const Session& session, Database& db, const std::string& kind, uint64_t ops);

// The database that reads are made in.
std::unique_ptr<Database> OpenLoaded(const Session& session);

}  // namespace bench
