#include "engine/jobs/inspect.h"

#include <atomic>
#include <memory>
#include <thread>

#include "engine/files/nowait_files.h"
#include "engine/jobs/statistics.h"
#include "engine/options/rocksdb_open.h"
#include "engine/tests/support.h"
#include "rocksdb/env.h"

namespace rocksdb_live {
namespace {

// Counts the reads and opens of the test's thread.
class Watched : public rocksdb::FileSystemWrapper {
 public:
  explicit Watched(std::atomic<int>* count)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), count_(count) {}
  const char* Name() const override { return "Watched"; }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override {
    Count();
    const rocksdb::IOStatus status =
        FileSystemWrapper::NewRandomAccessFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<File>(std::move(*file), this);
    return status;
  }

 private:
  class File : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSRandomAccessFile> file, Watched* watched)
        : FSRandomAccessFileOwnerWrapper(std::move(file)), watched_(watched) {}
    rocksdb::IOStatus Read(uint64_t offset, size_t size, const rocksdb::IOOptions& options,
                           rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* debug) const override {
      watched_->Count();
      return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, debug);
    }

   private:
    Watched* const watched_;
  };

  void Count() {
    if (std::this_thread::get_id() == thread_) ++*count_;
  }

  std::atomic<int>* const count_;
  const std::thread::id thread_ = std::this_thread::get_id();
};

// A database with 4000 rows of 100 bytes in four tables, none of them in memory.
class ColdTablesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.create_if_missing = true;
    options_.env = env_.get();
    options_.compression = rocksdb::kNoCompression;
    options_.disable_auto_compactions = true;
    // Files that cannot tell what would wait.
    options_.allow_mmap_reads = true;
    Open();
    for (int i = 0; i < 4000; ++i) {
      ASSERT_TRUE(db_->Put({}, testing::Key(i), std::string(100, 'v')).ok());
      if (i % 1000 == 999) {
        ASSERT_TRUE(db_->Flush({}).ok());
      }
    }
    Close();
    // So few that no table is open before it is needed.
    options_.max_open_files = 10;
    Open();
  }
  void TearDown() override { Close(); }

  void Open() {
    const std::string path = dir_ / "db";
    const auto open = [&](auto* db) -> decltype(rocksdb::DB::Open(options_, path, db)) {
      return rocksdb::DB::Open(options_, path, db);
    };
    ASSERT_TRUE(OpenInto(&db_, open).ok());
    family_ = std::make_unique<Family>(db_.get(), db_->DefaultColumnFamily(), false);
    touched_ = 0;
  }
  void Close() {
    family_.reset();
    db_.reset();
  }
  uint64_t Size(const Range& range) {
    const Result<uint64_t> size = ApproximateSize(*family_, range);
    EXPECT_TRUE(IsOk(size.error));
    return size.value;
  }

  testing::TempDir dir_;
  std::atomic<int> touched_{0};
  std::unique_ptr<rocksdb::Env> env_ =
      rocksdb::NewCompositeEnv(NowaitFiles(std::make_shared<Watched>(&touched_)));
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<Family> family_;
};

Range Between(int begin, int end) {
  Range range;
  range.lower = testing::Key(begin);
  range.upper = testing::Key(end);
  return range;
}

TEST_F(ColdTablesTest, EstimatesSizesWithoutReadingADisk) {
  const uint64_t all = Size(Range());
  EXPECT_GT(all, 400'000u);
  EXPECT_LT(all, 600'000u);
  Range open = Between(2000, 0);
  open.upper = std::nullopt;
  EXPECT_NEAR(static_cast<double>(Size(open)) / static_cast<double>(all), 0.5, 0.01);
  for (int table = 0; table < 4; ++table) {
    const int first = 1000 * table;
    const uint64_t whole = Size(Between(first, first + 1000));
    EXPECT_NEAR(static_cast<double>(whole) / static_cast<double>(all), 0.25, 0.01);
    const uint64_t part = Size(Between(first + 100, first + 600));
    EXPECT_NEAR(static_cast<double>(part) / static_cast<double>(whole), 0.5, 0.1);
  }
  EXPECT_EQ(Size(Between(4000, 5000)), 0u);
  EXPECT_EQ(Size(Between(7, 7)), 0u);
  EXPECT_EQ(touched_, 0);

  // RocksDB's result for the oldest table if it may read.
  uint64_t size = 0;
  const std::string lower = testing::Key(100);
  const std::string upper = testing::Key(600);
  const rocksdb::Range range(lower, upper);
  ASSERT_TRUE(db_->GetApproximateSizes(db_->DefaultColumnFamily(), &range, 1, &size).ok());
  EXPECT_GT(touched_, 0);
}

TEST_F(ColdTablesTest, CountsMemoryToo) {
  const uint64_t before = Size(Between(3100, 3600));
  for (int i = 3000; i < 4000; ++i) {
    ASSERT_TRUE(db_->Put({}, testing::Key(i), std::string(1000, 'w')).ok());
  }
  EXPECT_GT(Size(Between(3100, 3600)), before + 100'000);
  EXPECT_EQ(touched_, 0);
}

TEST(InspectTest, ReadsPropertiesAndOptions) {
  const testing::TempDir dir;
  const Result<std::shared_ptr<Session>> opened = Session::Open(testing::RequestFor(dir / "db"));
  ASSERT_TRUE(IsOk(opened.error));
  Session& session = *opened.value;
  ASSERT_TRUE(session.store().CreateFamily("more", nullptr).ok());
  EXPECT_TRUE(IsOk(testing::Put(&session.store(), 0, "a", "1")));
  Error error;
  std::shared_ptr<Family> family = session.FindFamily(0, &error);
  const std::string entries = "rocksdb.num-entries-active-mem-table";
  EXPECT_EQ(IntProperty(*family, entries), std::optional<uint64_t>(1));
  EXPECT_EQ(AggregatedIntProperty(session, entries), std::optional<uint64_t>(1));
  EXPECT_TRUE(Property(*family, "rocksdb.stats").has_value());
  EXPECT_TRUE(MapProperty(*family, "rocksdb.cfstats").has_value());
  EXPECT_FALSE(Property(*family, "none").has_value());
  EXPECT_FALSE(IntProperty(*family, "none").has_value());
  EXPECT_FALSE(MapProperty(*family, "none").has_value());
  EXPECT_FALSE(AggregatedIntProperty(session, "none").has_value());
  family.reset();  // destroyed before its database

  const Result<OptionsInForce> options = ReadOptionsInForce(session);
  ASSERT_TRUE(IsOk(options.error));
  EXPECT_EQ(options.value.db.count("max_open_files"), 1u);
  ASSERT_EQ(options.value.families.size(), 2u);
  EXPECT_EQ(options.value.families[1].first, "more");
  EXPECT_TRUE(ReadStatistics(session.store().shared()).tickers.empty());
  EXPECT_TRUE(IsOk(session.Close()));
}

TEST(InspectTest, SummarizesStatisticsWhereTheyAreOn) {
  const testing::TempDir dir;
  OpenRequest request = testing::RequestFor(dir / "db");
  request.shared["stats_level"] = "3";  // kExceptDetailedTimers
  std::filesystem::create_directories(request.path);
  const auto store = testing::OpenStore(request);
  EXPECT_TRUE(IsOk(testing::Put(store.get(), 0, "a", "1")));
  const StatisticsFigures figures = ReadStatistics(store->shared());
  double written = 0;
  for (const auto& [name, count] : figures.tickers) {
    if (name == "rocksdb.number.keys.written") written = count;
  }
  EXPECT_EQ(written, 1);
  EXPECT_FALSE(figures.histograms.empty());
  for (const auto& [name, summary] : figures.histograms) {
    if (summary.count == 0) {
      EXPECT_EQ(summary.min, 0) << name;
    }
  }
}

}  // namespace
}  // namespace rocksdb_live
