#include "engine/jobs/maintenance.h"

#include "engine/jobs/checkpoint.h"
#include "engine/repair/repair.h"
#include "engine/store/registry.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

class MaintenanceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    request_ = testing::RequestFor(dir_ / "db");
    request_.families.push_back({"users", {}});
    Open();
    for (int i = 0; i < 1000; ++i) {
      EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, testing::Key(i), std::string(100, 'v'))));
    }
  }
  void TearDown() override { Close(); }
  void Open() {
    Result<std::shared_ptr<Store>> store = Registry::Get().Acquire(request_);
    ASSERT_TRUE(store.ok()) << store.error.message();
    store_ = store.value;
  }
  void Close() {
    if (store_) {
      EXPECT_TRUE(IsOk(Registry::Get().Release(store_)));
    }
    store_.reset();
  }
  size_t Tables() const {
    size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(dir_ / "db")) {
      count += file.path().extension() == ".sst";
    }
    return count;
  }

  testing::TempDir dir_;
  OpenRequest request_;
  std::shared_ptr<Store> store_;
  std::atomic<bool> canceled_{false};
};

TEST_F(MaintenanceTest, FlushesAndCompacts) {
  EXPECT_EQ(Tables(), 0u);
  EXPECT_TRUE(IsOk(Flush(store_.get(), store_->AllFamilies())));
  EXPECT_EQ(Tables(), 1u);
  std::string batch = testing::BatchBuilder().DeleteRange(0, "", "z").Build();
  EXPECT_TRUE(IsOk(store_->Write(&batch, 0)));
  EXPECT_TRUE(IsOk(CompactRange(store_.get(), *store_->FindFamily(0), Range(), true, &canceled_)));
  EXPECT_EQ(Tables(), 0u);
}

TEST_F(MaintenanceTest, GivesUpACompactionWhenItCloses) {
  canceled_ = true;
  const Error error = CompactRange(store_.get(), *store_->FindFamily(0), Range(), true, &canceled_);
  EXPECT_EQ(error.code(), Code::kAborted) << error.message();
}

TEST_F(MaintenanceTest, MakesACheckpointOutsideAlone) {
  EXPECT_EQ(MakeCheckpoint(store_.get(), dir_ / "db/copy").code(), Code::kInvalidArgument);
  EXPECT_TRUE(IsOk(MakeCheckpoint(store_.get(), dir_ / "copy")));
  EXPECT_FALSE(MakeCheckpoint(store_.get(), dir_ / "copy").ok());
  request_.path = dir_ / "copy";
  EXPECT_EQ(testing::Get(testing::OpenStore(request_).get(), 0, testing::Key(999)),
            std::string(100, 'v'));
}

TEST_F(MaintenanceTest, ListsFamiliesOpenOrNot) {
  const std::vector<std::string> expected = {"default", "users"};
  EXPECT_EQ(ListColumnFamilies(dir_ / "db").value, expected);
  Close();
  EXPECT_EQ(ListColumnFamilies(dir_ / "db").value, expected);
  EXPECT_EQ(ListColumnFamilies(dir_ / "nothing").error.code(), Code::kInvalidArgument);
}

TEST_F(MaintenanceTest, DestroysAClosedDatabaseAlone) {
  EXPECT_EQ(DestroyDatabase(dir_ / "db").code(), Code::kLocked);
  EXPECT_EQ(testing::Get(store_.get(), 0, testing::Key(1)), std::string(100, 'v'));
  Close();
  EXPECT_TRUE(IsOk(DestroyDatabase(dir_ / "db")));
  EXPECT_FALSE(DestroyDatabase(dir_ / "db").ok());
  EXPECT_FALSE(DestroyDatabase(dir_ / "nothing").ok());
}

TEST_F(MaintenanceTest, RepairsAClosedDatabaseAlone) {
  const RepairRequest request{dir_ / "db", false};
  EXPECT_EQ(RepairDatabase(request).error.code(), Code::kLocked);
  EXPECT_TRUE(IsOk(Flush(store_.get(), store_->AllFamilies())));
  Close();
  std::filesystem::remove(dir_ / "db/CURRENT");
  const Result<RepairReport> report = RepairDatabase(request);
  EXPECT_TRUE(IsOk(report.error));
  EXPECT_TRUE(report.value.repaired);
  Open();
  EXPECT_EQ(testing::Get(store_.get(), 0, testing::Key(1)), std::string(100, 'v'));
}

TEST_F(MaintenanceTest, ResumesWhereNothingIsWrong) {
  EXPECT_TRUE(IsOk(store_->Resume()));
  EXPECT_EQ(store_->health().Get().severity, 0);
}

}  // namespace
}  // namespace rocksdb_live
