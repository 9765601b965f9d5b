// RocksDB's tickers and histograms by its own names.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/options/shared_objects.h"

namespace rocksdb_live {

// What a histogram of RocksDB's has recorded.
struct HistogramSummary {
  double count = 0;
  double sum = 0;
  double min = 0;  // 0 if it has recorded nothing
  double max = 0;
  double average = 0;
  double median = 0;
  double p95 = 0;
  double p99 = 0;
  double standard_deviation = 0;
};

struct StatisticsFigures {
  std::vector<std::pair<std::string, double>> tickers;
  std::vector<std::pair<std::string, HistogramSummary>> histograms;
};

// Both are empty if statistics are off.
StatisticsFigures ReadStatistics(const SharedObjects& shared);

}  // namespace rocksdb_live
