#include "engine/options/block_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rocksdb_live {
namespace {

using rocksdb::Cache;

constexpr uint64_t kMib = uint64_t{1024} * 1024;
constexpr uint64_t kBlock = 1024;

const Cache::CacheItemHelper* Helper() {
  static const auto* const helper = new Cache::CacheItemHelper(rocksdb::CacheEntryRole::kDataBlock);
  return helper;
}

// Inserts entries without memory behind them, as if blocks were read.
void Fill(Cache* cache, uint64_t blocks, std::vector<Cache::Handle*>* pinned = nullptr) {
  for (uint64_t i = 0; i < blocks; ++i) {
    const uint64_t key[2] = {i * 0x9E3779B97F4A7C15, i};
    Cache::Handle* handle = nullptr;
    const rocksdb::Slice name(reinterpret_cast<const char*>(key), sizeof(key));
    ASSERT_TRUE(cache->Insert(name, nullptr, Helper(), kBlock, pinned ? &handle : nullptr).ok());
    if (pinned != nullptr) pinned->push_back(handle);
  }
}

class BlockCacheTest : public testing::TestWithParam<bool> {};

TEST_P(BlockCacheTest, IsOfTheKindThatIsAskedFor) {
  const bool lru = MakeBlockCache(64 * kMib, GetParam())->Name() == std::string("LRUCache");
  EXPECT_EQ(lru, !GetParam());
}

TEST_P(BlockCacheTest, GrowsTenfoldInSmallBlocks) {
  const auto cache = MakeBlockCache(64 * kMib, GetParam());
  Fill(cache.get(), 1000 * kMib / kBlock);
  EXPECT_LE(cache->GetUsage(), 66 * kMib);
  SetBlockCacheBytes(cache.get(), 512 * kMib);
  Fill(cache.get(), 1000 * kMib / kBlock);
  EXPECT_GT(cache->GetUsage(), 480 * kMib);
  EXPECT_LE(cache->GetUsage(), 520 * kMib);
}

TEST_P(BlockCacheTest, GivesBackWhatIsAboveASmallerCapacity) {
  const auto cache = MakeBlockCache(512 * kMib, GetParam());
  Fill(cache.get(), 500 * kMib / kBlock);
  EXPECT_GT(cache->GetUsage(), 400 * kMib);
  SetBlockCacheBytes(cache.get(), 64 * kMib);
  EXPECT_LE(cache->GetUsage(), 64 * kMib);
  EXPECT_GT(cache->GetUsage(), 40 * kMib);
}

TEST_P(BlockCacheTest, LeavesWhatIsInUse) {
  const auto cache = MakeBlockCache(256 * kMib, GetParam());
  std::vector<Cache::Handle*> pinned;
  Fill(cache.get(), 128 * kMib / kBlock, &pinned);
  SetBlockCacheBytes(cache.get(), 64 * kMib);
  EXPECT_GE(cache->GetPinnedUsage(), 128 * kMib);
  for (Cache::Handle* handle : pinned) cache->Release(handle);
  SetBlockCacheBytes(cache.get(), 64 * kMib);
  EXPECT_LE(cache->GetUsage(), 64 * kMib);
}

INSTANTIATE_TEST_SUITE_P(Kinds, BlockCacheTest, testing::Bool());

}  // namespace
}  // namespace rocksdb_live
