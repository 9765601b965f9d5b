#include "engine/jobs/live_options.h"

#include <chrono>
#include <thread>

#include "engine/base/read_options.h"
#include "engine/jobs/maintenance.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::Put;

uint64_t Property(Store* store, const std::string& name) {
  uint64_t value = 0;
  EXPECT_TRUE(store->db()->GetIntProperty("rocksdb." + name, &value)) << name;
  return value;
}

void WaitUntil(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  ASSERT_TRUE(condition());
}

// facebook/rocksdb#13294: a flush in progress restored the options for write stalls to their values
// from when it began.
TEST(LiveOptionsTest, AreInForceAfterAFlushThatWasUnderWay) {
  testing::TempDir dir;
  OpenRequest request = testing::RequestFor(dir / "db");
  std::filesystem::create_directories(request.path);
  request.defaults.column_family = {{"disable_auto_compactions", "true"},
                                    {"level0_file_num_compaction_trigger", "1"},
                                    {"level0_slowdown_writes_trigger", "2"},
                                    {"level0_stop_writes_trigger", "2"}};
  request.shared["rate_limit_bytes_per_sec"] =
      std::to_string(1 << 20);  // makes the flush take long
  const auto store = testing::OpenStore(request);
  ASSERT_NE(store, nullptr);
  const std::shared_ptr<Family> family = store->FindFamily(0);
  EXPECT_TRUE(IsOk(Put(store.get(), 0, "first", "file")));
  EXPECT_TRUE(IsOk(Flush(store.get(), {family})));

  for (int i = 0; i < 20; ++i) {
    std::string value(100000, '\0');
    for (size_t at = 0; at < value.size(); ++at)
      value[at] = static_cast<char>(at * 2654435761U >> (i % 8));
    EXPECT_TRUE(IsOk(Put(store.get(), 0, testing::Key(i), value)));
  }
  // RocksDB would wait for room by itself, and this test is about the stall.
  rocksdb::FlushOptions at_once;
  at_once.allow_write_stall = true;
  std::thread flush([&] { store->db()->Flush(at_once, family->handle()).PermitUncheckedError(); });
  WaitUntil([&] { return Property(store.get(), "num-running-flushes") == 1; });
  EXPECT_TRUE(IsOk(ChangeFamilyOptions(
      store.get(), family,
      {{"level0_slowdown_writes_trigger", "100"}, {"level0_stop_writes_trigger", "100"}})));
  EXPECT_EQ(Property(store.get(), "num-running-flushes"), 1u) << "it ended too soon";
  flush.join();
  WaitUntil([&] { return Property(store.get(), "num-running-flushes") == 0; });
  WaitUntil([&] { return Property(store.get(), "is-write-stopped") == 0; });
  EXPECT_TRUE(IsOk(Put(store.get(), 0, "goes", "on", kNoSlowdown)));
}

}  // namespace
}  // namespace rocksdb_live
