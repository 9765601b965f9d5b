#include "engine/options/option_numbers.h"

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "rocksdb/convenience.h"

namespace rocksdb_live {
namespace {

struct Range {
  double min;
  double max;
  const char* why;
};

constexpr double kKiB = 1024;
constexpr double kMiB = 1024 * kKiB;
constexpr double kGiB = 1024 * kMiB;
constexpr double kUnlimited = HUGE_VAL;

constexpr Range kThreads{-1, 1024, "each is a thread"};
constexpr Range kBuffer{0, 256 * kMiB, "so much is allocated at once"};
constexpr Range kCompressionThreads{1, 64, "each is a thread, and none would compress nothing"};

using Ranges = std::unordered_map<std::string, Range>;

// By option, or by `struct.field` for fields of structs. RocksDB clips or checks all other options
// itself; `npm run test:options` tries every name.
const Ranges& TheRanges() {
  static const auto* const ranges = new Ranges{
      // database
      {"max_background_jobs", kThreads},
      {"max_background_compactions", kThreads},
      {"max_background_flushes", kThreads},
      {"max_file_opening_threads", kThreads},
      {"max_subcompactions", {0, 1024, "each is a thread"}},
      {"read_io_executor_threads", {1, 1024, "each is a thread"}},
      {"table_cache_numshardbits", {-1, 19, "a cache has 2^19 shards at most"}},
      {"log_readahead_size", kBuffer},
      {"compaction_readahead_size", kBuffer},
      {"writable_file_max_buffer_size", kBuffer},
      {"manifest_preallocation_size", {0, 256 * kMiB, "so much of the disk is allocated at once"}},
      // column families
      {"write_buffer_size",
       {0, 4 * kGiB - 1, "a write-ahead log of that size is allocated at once"}},
      {"arena_block_size", kBuffer},
      {"num_levels", {1, 64, "RocksDB keeps lists of all levels"}},
      {"inplace_update_num_locks",
       {1, kMiB, "so many locks are made, and rows are spread over them"}},
      {"blob_compaction_readahead_size", kBuffer},
      {"sample_for_compression", {0, 2147483647, "RocksDB takes its last 32 bits as a divisor"}},
      {"compression_opts.parallel_threads", kCompressionThreads},
      {"bottommost_compression_opts.parallel_threads", kCompressionThreads},
      {"blob_compression_opts.parallel_threads", kCompressionThreads},
      {"compaction_options_fifo.max_table_files_size",
       {1, kUnlimited, "everything would be deleted at once"}},
      // tables
      {"block_size", kBuffer},
      {"max_auto_readahead_size", kBuffer},
      {"initial_auto_readahead_size", kBuffer},
  };
  return *ranges;
}

// The fields in a struct's text, which is in braces since RocksDB 10 and without them before; empty
// if it is no struct. An object's text can look like one without being one: RocksDB has checked it.
OptionMap FieldsOf(const std::string& text) {
  OptionMap fields;
  if (text.find('=') == std::string::npos) return fields;
  if (!rocksdb::StringToMap(text, &fields).ok()) fields.clear();
  return fields;
}

// Parses the whole text as a number.
bool ToNumber(const std::string& text, double* number) {
  if (text.empty()) return false;
  char* end = nullptr;
  *number = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size();
}

std::string Shortest(double number) {
  std::ostringstream text;
  text.precision(17);
  text << number;
  return text.str();
}

Error CheckText(const std::string& where, const std::string& name, const std::string& text,
                const std::string* untouched) {
  if (untouched != nullptr && *untouched == text) return Error();
  const OptionMap fields = FieldsOf(text);
  if (!fields.empty()) {
    const OptionMap untouched_fields = untouched == nullptr ? OptionMap() : FieldsOf(*untouched);
    for (const auto& [field, value] : fields) {
      const auto found = untouched_fields.find(field);
      Error error = CheckText(where, name + "." + field, value,
                              found == untouched_fields.end() ? nullptr : &found->second);
      if (!error.ok()) return error;
    }
    return Error();
  }
  double number = 0;
  const bool counts = untouched != nullptr && ToNumber(*untouched, &number);
  const std::string problem = NumberProblem(name, text, counts);
  return problem.empty() ? Error() : Error(Code::kInvalidArgument, where + ": " + problem);
}

}  // namespace

std::string NumberProblem(const std::string& name, const std::string& text, bool counts) {
  double number = 0;
  if (!ToNumber(text, &number)) return "";
  const auto found = TheRanges().find(name);
  if (found == TheRanges().end() && !counts) return "";
  const std::string is = name + " is " + text + ", and must be ";
  if (!std::isfinite(number)) return is + "a finite number";
  if (found == TheRanges().end()) {
    // RocksDB reads "-1" as 2^64 - 1 if it expects an unsigned number.
    if (number < 9223372036854775808.0) return "";
    return is + "below 2^63 (a number below 0 becomes one above)";
  }
  const Range& range = found->second;
  if (number >= range.min && number <= range.max) return "";
  const std::string allowed = range.max == kUnlimited
                                  ? Shortest(range.min) + " or more"
                                  : "from " + Shortest(range.min) + " to " + Shortest(range.max);
  return is + allowed + ": " + range.why;
}

Error CheckNumbers(const std::string& where, const OptionMap& texts, const OptionMap& untouched) {
  for (const auto& [name, text] : texts) {
    const auto found = untouched.find(name);
    Error error = CheckText(where, name, text, found == untouched.end() ? nullptr : &found->second);
    if (!error.ok()) return error;
  }
  return Error();
}

}  // namespace rocksdb_live
