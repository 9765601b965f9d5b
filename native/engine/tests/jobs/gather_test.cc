#include "engine/jobs/gather.h"

#include <filesystem>

#include "engine/base/read_options.h"
#include "engine/jobs/maintenance.h"
#include "engine/tests/support.h"
#include "rocksdb/sst_file_writer.h"

namespace rocksdb_live {
namespace {

using testing::OpenStore;
using testing::Put;
using testing::RequestFor;
using testing::TempDir;

double Of(const Figures& figures, const std::string& name) {
  for (const auto& [key, value] : figures) {
    if (name == key) return value;
  }
  ADD_FAILURE() << "no " << name;
  return -1;
}

class Heard : public EventSink {
 public:
  void OnEvent(const std::shared_ptr<const Event>& event) override {
    std::lock_guard<std::mutex> lock(mutex_);
    types_.emplace_back(event->type);
  }
  std::vector<std::string> types() {
    std::lock_guard<std::mutex> lock(mutex_);
    return types_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> types_;
};

class GatherTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = OpenStore(RequestFor(dir_.path())); }
  double Figure(const std::string& name) { return Of(Gather(store_.get(), nullptr).figures, name); }

  TempDir dir_;
  std::shared_ptr<Store> store_;
};

TEST_F(GatherTest, CountsSyncsOfTheWal) {
  EXPECT_EQ(Figure("wal_synced_total"), 0);
  EXPECT_TRUE(IsOk(Put(store_.get(), 0, "k", "v")));
  EXPECT_EQ(Figure("wal_synced_total"), 0);
  EXPECT_TRUE(IsOk(Put(store_.get(), 0, "k", "v", kSync)));
  EXPECT_EQ(Figure("wal_synced_total"), 1);
  EXPECT_TRUE(IsOk(Put(store_.get(), 0, "k", "v")));
  EXPECT_TRUE(store_->db()->SyncWAL().ok());  // RocksDB's own count omits this
  EXPECT_EQ(Figure("wal_synced_total"), 2);
  EXPECT_EQ(Figure("wal_writes_total"), 3);
}

TEST_F(GatherTest, KnowsEveryFileOnTheDisk) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(IsOk(Put(store_.get(), 0, testing::Key(i), std::string(1000, 'x'))));
    if (i != 50) continue;
    EXPECT_TRUE(IsOk(Flush(store_.get(), store_->AllFamilies())));
  }
  uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(dir_.path())) {
    const std::string kind = file.path().extension().string();
    if (kind == ".sst" || kind == ".log") bytes += file.file_size();
  }
  EXPECT_EQ(Figure("size_bytes"), static_cast<double>(bytes));
  EXPECT_GT(Figure("wal_bytes"), 40000);
}

TEST_F(GatherTest, HasAllFamiliesAndTheirLevels) {
  const Result<uint32_t> users = store_->CreateFamily("users", nullptr);
  ASSERT_TRUE(users.ok());
  EXPECT_TRUE(IsOk(Put(store_.get(), users.value, "k", "v")));
  EXPECT_TRUE(IsOk(Flush(store_.get(), store_->AllFamilies())));
  const StoreFigures figures = Gather(store_.get(), nullptr);
  ASSERT_EQ(figures.families.size(), 2u);
  const FamilyFigures& family = figures.families[1];
  EXPECT_EQ(family.name, "users");
  ASSERT_EQ(family.level_files.size(), 7u);
  EXPECT_EQ(family.level_files[0], 1);
  EXPECT_GT(family.level_bytes[0], 0);
  EXPECT_EQ(Of(family.figures, "flushes_total"), 1);
  EXPECT_EQ(Of(family.figures, "read_amplification"), 2);
  EXPECT_EQ(family.stalls.at("l0-file-count-limit-stops"), "0");
  EXPECT_TRUE(figures.statistics.tickers.empty());
  EXPECT_TRUE(figures.histograms.empty());
}

TEST_F(GatherTest, TellsOfFilesThatAreIngested) {
  const auto heard = std::make_shared<Heard>();
  store_->events().Subscribe(heard);
  rocksdb::SstFileWriter writer{rocksdb::EnvOptions(), rocksdb::Options()};
  const TempDir elsewhere;
  const std::string file = elsewhere / "other.sst";
  ASSERT_TRUE(writer.Open(file).ok());
  ASSERT_TRUE(writer.Put("key", "value").ok());
  ASSERT_TRUE(writer.Finish().ok());
  ASSERT_TRUE(store_->db()->IngestExternalFile({file}, {}).ok());
  EXPECT_EQ(heard->types(), std::vector<std::string>{"ingest"});
  store_->events().Unsubscribe(heard);
  EXPECT_TRUE(IsOk(Put(store_.get(), 0, "k", "v")));
  EXPECT_TRUE(IsOk(Flush(store_.get(), store_->AllFamilies())));
  EXPECT_EQ(heard->types().size(), 1u);
}

}  // namespace
}  // namespace rocksdb_live
