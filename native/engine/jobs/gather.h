// Everything that a scrape wants to know of a store, gathered at once.
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

// By the names of lib/metrics/catalog.ts.
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
  // Of the recorder; by the names of the catalog. Sums in nanoseconds, operations or bytes.
  std::vector<std::pair<const char*, HistogramCounts>> histograms;
  StatisticsFigures statistics;
};

// Takes milliseconds with thousands of files: not for a JavaScript thread. `recorder` may be null.
StoreFigures Gather(Store* store, const Recorder* recorder);

}  // namespace rocksdb_live
