#include "engine/options/expiry_mark.h"

#include <memory>
#include <utility>

#include "rocksdb/sst_file_reader.h"
#include "rocksdb/table_properties.h"

namespace rocksdb_live {
namespace {

using rocksdb::Status;
using rocksdb::UserCollectedProperties;

constexpr char kProperty[] = "rocksdb-live.expires";

class Mark : public rocksdb::TablePropertiesCollector {
 public:
  explicit Mark(std::string text) : text_(std::move(text)) {}

  Status AddUserKey(const rocksdb::Slice&, const rocksdb::Slice&, rocksdb::EntryType,
                    rocksdb::SequenceNumber, uint64_t) override {
    return Status::OK();
  }
  Status Finish(UserCollectedProperties* properties) override {
    (*properties)[kProperty] = text_;
    return Status::OK();
  }
  UserCollectedProperties GetReadableProperties() const override { return {{kProperty, text_}}; }
  const char* Name() const override { return kProperty; }

 private:
  const std::string text_;
};

class Marks : public rocksdb::TablePropertiesCollectorFactory {
 public:
  explicit Marks(std::string text) : text_(std::move(text)) {}

  rocksdb::TablePropertiesCollector* CreateTablePropertiesCollector(Context) override {
    return new Mark(text_);
  }
  const char* Name() const override { return kProperty; }

 private:
  const std::string text_;
};

}  // namespace

void MarkTables(const std::string& text, rocksdb::ColumnFamilyOptions* options) {
  options->table_properties_collector_factories = {std::make_shared<Marks>(text)};
}

std::optional<std::string> MarkOf(const std::string& table) {
  rocksdb::SstFileReader reader{rocksdb::Options()};
  if (!reader.Open(table).ok()) return std::nullopt;
  const auto properties = reader.GetTableProperties();
  if (!properties) return std::nullopt;
  const auto& collected = properties->user_collected_properties;
  const auto found = collected.find(kProperty);
  return found == collected.end() ? std::string() : found->second;
}

}  // namespace rocksdb_live
