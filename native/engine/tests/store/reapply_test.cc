#include "engine/store/reapply.h"

#include <atomic>
#include <thread>

#include "engine/jobs/live_options.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

// The test reports jobs as RocksDB does, and looks in RocksDB for the options that are set again.
TEST(ReapplierTest, SetsAgainWhenTheJobsThatWereUnderWayHaveEnded) {
  testing::TempDir dir;
  const OpenRequest request = testing::RequestFor(dir / "db");
  std::filesystem::create_directories(request.path);
  const auto store = testing::OpenStore(request);
  ASSERT_NE(store, nullptr);
  const std::shared_ptr<Family> family = store->FindFamily(0);
  const auto trigger = [&] {
    return store->db()->GetOptions(family->handle()).level0_stop_writes_trigger;
  };
  const auto set = [&](const std::string& text) {
    EXPECT_TRUE(
        store->db()->SetOptions(family->handle(), {{"level0_stop_writes_trigger", text}}).ok());
  };
  Reapplier reapplier;
  rocksdb::FlushJobInfo flush;
  flush.cf_name = family->name();
  flush.job_id = 7;
  rocksdb::CompactionJobInfo compaction;
  compaction.cf_name = family->name();
  compaction.job_id = 8;

  reapplier.Remember(store->db(), family, {{"level0_stop_writes_trigger", "61"}});
  set("60");
  reapplier.OnFlushBegin(store->db(), flush);
  reapplier.OnCompactionBegin(store->db(), compaction);
  reapplier.Remember(store->db(), family, {{"level0_stop_writes_trigger", "62"}});
  reapplier.Remember(store->db(), family, {{"level0_stop_writes_trigger", "63"}});
  EXPECT_EQ(trigger(), 60) << "nothing was under way at the first";
  reapplier.OnFlushCompleted(store->db(), flush);
  while (trigger() != 63) std::this_thread::yield();
  set("60");
  reapplier.OnCompactionCompleted(store->db(), compaction);
  while (trigger() != 63) std::this_thread::yield();
  set("60");
  flush.job_id = 9;
  reapplier.OnFlushBegin(store->db(), flush);
  reapplier.OnFlushCompleted(store->db(), flush);
  reapplier.Stop();
  EXPECT_EQ(trigger(), 60) << "a job that began later takes nothing back";
}

}  // namespace
}  // namespace rocksdb_live
