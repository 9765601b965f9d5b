// Everything that a metrics scrape needs from a store, gathered at once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/jobs/statistics.h"
#include "engine/store/store.h"
#include "engine/watch/recorder.h"

namespace rocksdb_live {

// Named as in lib/metrics/catalog.ts.
using Figures = std::vector<std::pair<const char*, double>>;

struct FamilyFigures {
  std::string name;
  Figures figures;
  std::vector<double> level_files;
  std::vector<double> level_bytes;
  // RocksDB's own names: rocksdb.cf-write-stall-stats.
  std::map<std::string, std::string> stalls;
};

struct StoreFigures {
  Figures figures;
  std::vector<FamilyFigures> families;
  // From the recorder; named as in the catalog. Sums in nanoseconds, operations or bytes.
  std::vector<std::pair<const char*, HistogramCounts>> histograms;
  StatisticsFigures statistics;
  std::vector<NamedPlace> places;
};

// Takes milliseconds with thousands of files: never on a JavaScript thread. `recorder` may be null.
StoreFigures Gather(Store* store, const Recorder* recorder);

}  // namespace rocksdb_live
