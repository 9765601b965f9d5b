#include "engine/options/expiry_filter.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/fallback_merge.h"
#include "engine/options/expiry_mark.h"
#include "rocksdb/convenience.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/object_registry.h"
#include "rocksdb/utilities/options_type.h"

namespace rocksdb_live {
namespace {

using rocksdb::CompactionFilter;
using rocksdb::CompactionFilterFactory;
using rocksdb::OptionType;
using rocksdb::OptionTypeInfo;
using rocksdb::Slice;

constexpr uint64_t kMostMs = (uint64_t{1} << 53) - 1;  // what JavaScript can count
constexpr uint64_t kHourSeconds = 3600;
constexpr uint64_t kDaySeconds = 24 * kHourSeconds;

// What the text of the option says.
struct Settings {
  static const char* kName() { return "RocksdbLiveExpires"; }
  uint64_t grace_ms = Expiry().grace_ms;
  uint64_t after_ms = Expiry().after_ms;
};

const std::unordered_map<std::string, OptionTypeInfo>& SettingTypes() {
  static const auto* const types = new std::unordered_map<std::string, OptionTypeInfo>{
      {"grace_ms", {offsetof(Settings, grace_ms), OptionType::kUInt64T}},
      {"after_ms", {offsetof(Settings, after_ms), OptionType::kUInt64T}},
  };
  return *types;
}

class ExpiryFilter : public CompactionFilter {
 public:
  explicit ExpiryFilter(std::shared_ptr<const Expiry> expiry)
      : expiry_(std::move(expiry)), now_(NowMs()) {}
  ExpiryFilter(const ExpiryFilter&) = delete;
  ExpiryFilter& operator=(const ExpiryFilter&) = delete;
  ~ExpiryFilter() override { expiry_->dropped.fetch_add(dropped_, std::memory_order_relaxed); }

  const char* Name() const override { return kExpiresId; }
  bool IgnoreSnapshots() const override { return true; }

  Decision FilterV2(int /*level*/, const Slice& /*key*/, ValueType type, const Slice& stored,
                    std::string* /*new_value*/, std::string* /*skip_until*/) const override {
    if (type != ValueType::kValue || stored.size() < kEnvelopeBytes) return Decision::kKeep;
    const uint64_t moment = ExpiryOf(stored);
    if (!HasExpired(moment, now_) || now_ - moment < expiry_->grace_ms) return Decision::kKeep;
    ++dropped_;
    return Decision::kRemove;
  }

 private:
  const std::shared_ptr<const Expiry> expiry_;
  const uint64_t now_;
  mutable uint64_t dropped_ = 0;  // a filter is used by one thread
};

class ExpiryFactory : public CompactionFilterFactory {
 public:
  // `drops`: whether it makes filters at all.
  explicit ExpiryFactory(bool drops) : drops_(drops) {
    RegisterOptions(&settings_, &SettingTypes());
  }

  static const char* kClassName() { return kExpiresId; }
  const char* Name() const override { return kExpiresId; }

  rocksdb::Status PrepareOptions(const rocksdb::ConfigOptions& config) override {
    expiry_->grace_ms = settings_.grace_ms;
    expiry_->after_ms = settings_.after_ms;
    return CompactionFilterFactory::PrepareOptions(config);
  }

  std::unique_ptr<CompactionFilter> CreateCompactionFilter(
      const CompactionFilter::Context& /*context*/) override {
    return drops_ ? std::make_unique<ExpiryFilter>(expiry_) : nullptr;
  }

  std::shared_ptr<const Expiry> expiry() const { return expiry_; }

 private:
  const bool drops_;
  Settings settings_;
  const std::shared_ptr<Expiry> expiry_ = std::make_shared<Expiry>();
};

const ExpiryFactory* OurFactory(const std::shared_ptr<CompactionFilterFactory>& factory) {
  if (!factory || std::string(factory->Name()) != kExpiresId) return nullptr;
  return static_cast<const ExpiryFactory*>(factory.get());
}

uint64_t PeriodSeconds(const Expiry& expiry) {
  if (expiry.after_ms == 0) return kDaySeconds;
  const uint64_t seconds = expiry.after_ms / 1000 + expiry.grace_ms / 1000;
  return std::clamp(seconds, kHourSeconds, 30 * kDaySeconds);
}

}  // namespace

void RegisterExpiryFilter() {
  static std::once_flag once;
  std::call_once(once, [] {
    rocksdb::ObjectLibrary::Default()->AddFactory<CompactionFilterFactory>(
        kExpiresId,
        [](const std::string&, std::unique_ptr<CompactionFilterFactory>* guard, std::string*) {
          *guard = std::make_unique<ExpiryFactory>(true);
          return guard->get();
        });
  });
}

std::shared_ptr<const Expiry> ExpiryIn(const rocksdb::ColumnFamilyOptions& options) {
  const ExpiryFactory* const ours = OurFactory(options.compaction_filter_factory);
  return ours == nullptr ? nullptr : ours->expiry();
}

std::string TextOf(const Expiry& expiry) {
  return "{id=" + std::string(kExpiresId) + ";grace_ms=" + std::to_string(expiry.grace_ms) +
         ";after_ms=" + std::to_string(expiry.after_ms) + "}";
}

std::shared_ptr<CompactionFilterFactory> KeepExpired(
    const std::shared_ptr<CompactionFilterFactory>& factory) {
  const ExpiryFactory* const ours = OurFactory(factory);
  if (ours == nullptr) return nullptr;
  auto keeps = std::make_shared<ExpiryFactory>(false);
  const Expiry& expiry = *ours->expiry();
  const rocksdb::ConfigOptions config;
  const std::unordered_map<std::string, std::string> settings = {
      {"grace_ms", std::to_string(expiry.grace_ms)}, {"after_ms", std::to_string(expiry.after_ms)}};
  return keeps->ConfigureFromMap(config, settings).ok() ? keeps : nullptr;
}

std::shared_ptr<CompactionFilterFactory> MakeExpiryFactory(const std::string& text, bool escaped) {
  RegisterExpiryFilter();
  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = false;
  config.input_strings_escaped = escaped;
  std::shared_ptr<CompactionFilterFactory> made;
  if (!CompactionFilterFactory::CreateFromString(config, text, &made).ok()) return nullptr;
  return OurFactory(made) == nullptr ? nullptr : made;
}

Error CompleteExpiry(const std::string& where, const OptionMap& map,
                     rocksdb::ColumnFamilyOptions* options) {
  const std::shared_ptr<const Expiry> expiry = ExpiryIn(*options);
  if (!expiry) return Error();
  const rocksdb::MergeOperator* const merges = options->merge_operator.get();
  if (merges != nullptr && !IsFallbackMerge(merges)) {
    return Error(Code::kInvalidArgument,
                 where + ": rows that expire cannot be merged: it has the merge operator " +
                     merges->Name() + " and expires; leave out one of them");
  }
  if (std::max(expiry->grace_ms, expiry->after_ms) > kMostMs) {
    return Error(Code::kInvalidArgument,
                 where + ": " + kExpiresId +
                     " takes times of at most 2^53-1 milliseconds: " + TextOf(*expiry));
  }
  MarkTables(TextOf(*expiry), options);
  // RocksDB has periodic compactions of block-based tables only, and none of FIFO's.
  const auto* const block_based = rocksdb::TableFactory::kBlockBasedTableName();
  if (!options->table_factory || !options->table_factory->IsInstanceOf(block_based) ||
      options->compaction_style == rocksdb::kCompactionStyleFIFO) {
    return Error();
  }
  const auto period = map.find("periodic_compaction_seconds");
  if (period == map.end() || period->second == "0") {
    options->periodic_compaction_seconds = PeriodSeconds(*expiry);
  }
  return Error();
}

}  // namespace rocksdb_live
