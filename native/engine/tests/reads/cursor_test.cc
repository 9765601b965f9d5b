#include "engine/reads/cursor.h"

#include <algorithm>
#include <cstdio>
#include <random>

#include "engine/base/read_options.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string ValueOf(int number) { return std::string(static_cast<size_t>(number % 7), 'v'); }

class CursorTest : public ::testing::Test {
 protected:
  static constexpr int kRows = 100;

  void SetUp() override {
    request_ = testing::RequestFor(dir_ / "db");
    std::filesystem::create_directories(request_.path);
    store_ = testing::OpenStore(request_);
    for (int i = 0; i < kRows; ++i) {
      EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, testing::Key(i), ValueOf(i))));
    }
  }
  Cursor::Config Config() const {
    Cursor::Config config;
    config.family = store_->FindFamily(0);
    return config;
  }
  // One page of at most `max_rows` rows and `capacity` bytes, appended to `rows`.
  PageResult Take(Cursor* cursor, size_t max_rows, size_t capacity, Rows* rows) {
    std::vector<char> bytes(capacity);
    std::vector<uint32_t> offsets(2 * max_rows + 1, 0xDEADBEEF);
    const PageResult result =
        cursor->Next(Page{bytes.data(), bytes.size(), offsets.data(), max_rows});
    EXPECT_TRUE(IsOk(result.error));
    EXPECT_EQ(offsets[0], 0u);
    for (size_t i = 0; i < result.count; ++i) {
      rows->emplace_back(
          std::string(bytes.data() + offsets[size_t{2} * i],
                      bytes.data() + offsets[size_t{2} * i + 1]),
          std::string(bytes.data() + offsets[2 * i + 1], bytes.data() + offsets[2 * i + 2]));
    }
    return result;
  }
  Rows TakeAll(Cursor* cursor, size_t max_rows) {
    Rows rows;
    while (!Take(cursor, max_rows, 4096, &rows).exhausted) {
    }
    return rows;
  }
  // The expected rows in [begin, end).
  static Rows Expected(int begin, int end, bool reverse = false) {
    Rows rows;
    for (int i = begin; i < end; ++i) rows.emplace_back(testing::Key(i), ValueOf(i));
    if (reverse) std::reverse(rows.begin(), rows.end());
    return rows;
  }

  // Flushes, and overwrites bytes of the table at an offset.
  void Damage(long offset) {
    EXPECT_TRUE(store_->db()->Flush(rocksdb::FlushOptions()).ok());
    EXPECT_TRUE(IsOk(store_->Close()));
    for (const auto& file : std::filesystem::directory_iterator(request_.path)) {
      if (file.path().extension() != ".sst") continue;
      FILE* const table = fopen(file.path().u8string().c_str(), "r+b");
      fseek(table, offset, SEEK_SET);
      fputs("garbage", table);
      fclose(table);
    }
    store_ = testing::OpenStore(request_);
  }

  testing::TempDir dir_;
  OpenRequest request_;
  std::shared_ptr<Store> store_;
};

TEST_F(CursorTest, GoesThroughARangeBothWaysInPagesOfAnySize) {
  for (const size_t max_rows : {1, 2, 7, 99, 100, 101}) {
    for (const bool reverse : {false, true}) {
      Cursor::Config config = Config();
      config.range.reverse = reverse;
      Cursor all(config);
      EXPECT_EQ(TakeAll(&all, max_rows), Expected(0, kRows, reverse));

      config.range.lower = testing::Key(10);
      config.range.upper = testing::Key(90);
      Cursor bounded(config);
      EXPECT_EQ(TakeAll(&bounded, max_rows), Expected(10, 90, reverse));
    }
  }
}

TEST_F(CursorTest, StopsAtItsLimit) {
  for (const int limit : {0, 1, 3, 6, 99, 100, 101, 1000}) {
    for (const bool reverse : {false, true}) {
      Cursor::Config config = Config();
      config.range.limit = limit;
      config.range.reverse = reverse;
      Cursor cursor(config);
      const int count = std::min(limit, kRows);
      const Rows expected =
          reverse ? Expected(kRows - count, kRows, true) : Expected(0, count, false);
      EXPECT_EQ(TakeAll(&cursor, 3), expected) << limit;
    }
  }
}

TEST_F(CursorTest, IsEmptyWhereTheRangeIs) {
  Cursor::Config config = Config();
  config.range.lower = testing::Key(50);
  config.range.upper = testing::Key(50);
  Cursor empty(config);
  EXPECT_TRUE(TakeAll(&empty, 3).empty());
  config.range.lower = "x";
  config.range.upper = std::nullopt;
  Cursor behind(config);
  EXPECT_TRUE(TakeAll(&behind, 3).empty());
}

TEST_F(CursorTest, SaysHowMuchTheNextRowNeedsAndLosesNothing) {
  const std::string large(10000, 'L');
  EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, testing::Key(5), large)));
  Cursor cursor(Config());
  Rows rows;
  PageResult result = Take(&cursor, 50, 256, &rows);
  EXPECT_EQ(result.count, 5u);
  EXPECT_EQ(result.needed, 0u);
  for (int again = 0; again < 2; ++again) {
    result = Take(&cursor, 50, 256, &rows);
    EXPECT_EQ(result.count, 0u);
    EXPECT_EQ(result.needed, testing::Key(5).size() + large.size());
    EXPECT_FALSE(result.exhausted);
  }
  result = Take(&cursor, 50, result.needed, &rows);
  EXPECT_EQ(result.count, 1u);
  EXPECT_EQ(rows.back().second, large);
  Take(&cursor, 1, 256, &rows);
  EXPECT_EQ(rows.back().first, testing::Key(6));
}

TEST_F(CursorTest, TakesNoBytesAtAllAsAnAnswer) {
  Cursor cursor(Config());
  Rows rows;
  EXPECT_GT(Take(&cursor, 5, 0, &rows).needed, 0u);
  Rows none;
  EXPECT_EQ(Take(&cursor, 0, 100, &none).count, 0u);
  EXPECT_EQ(Take(&cursor, 1, 100, &rows).count, 1u);
  EXPECT_EQ(rows.back().first, testing::Key(0));
}

TEST_F(CursorTest, SeeksBothWaysWithinItsRange) {
  Cursor::Config config = Config();
  config.range.lower = testing::Key(10);
  config.range.upper = testing::Key(90);
  const auto first_after = [&](bool reverse, const std::string& key) {
    config.range.reverse = reverse;
    Cursor cursor(config);
    Rows rows;
    Take(&cursor, 3, 4096, &rows);  // from the middle of a walk, too
    cursor.Seek(key);
    rows.clear();
    Take(&cursor, 1, 4096, &rows);
    return rows.empty() ? "(none)" : rows[0].first;
  };
  EXPECT_EQ(first_after(false, testing::Key(42)), testing::Key(42));
  EXPECT_EQ(first_after(false, testing::Key(42) + "+"), testing::Key(43));
  EXPECT_EQ(first_after(false, "a"), testing::Key(10));
  EXPECT_EQ(first_after(false, "z"), "(none)");
  EXPECT_EQ(first_after(true, testing::Key(42)), testing::Key(42));
  EXPECT_EQ(first_after(true, testing::Key(42) + "+"), testing::Key(42));
  EXPECT_EQ(first_after(true, "a"), "(none)");
  EXPECT_EQ(first_after(true, "z"), testing::Key(89));
}

TEST_F(CursorTest, PacksKeysAlone) {
  Cursor::Config config = Config();
  config.flags = kKeysOnly;
  Cursor cursor(config);
  const Rows rows = TakeAll(&cursor, 7);
  ASSERT_EQ(rows.size(), static_cast<size_t>(kRows));
  for (const auto& [key, value] : rows) EXPECT_TRUE(value.empty());
}

TEST_F(CursorTest, KeepsItsViewOverWritesDeletionsAndDrops) {
  Cursor::Config config = Config();
  config.snapshot = std::make_shared<Snapshot>(store_->db());
  Cursor cursor(config);
  Rows rows;
  Take(&cursor, 10, 4096, &rows);
  std::string batch = testing::BatchBuilder().DeleteRange(0, "", "z").Put(0, "k", "new").Build();
  EXPECT_TRUE(IsOk(store_->Write(&batch, 0)));
  EXPECT_TRUE(store_->db()->Flush(rocksdb::FlushOptions()).ok());
  cursor.Seek(testing::Key(0));
  EXPECT_EQ(TakeAll(&cursor, 9), Expected(0, kRows));
}

TEST_F(CursorTest, ReadsMemoryAloneUntilItMayDoIo) {
  EXPECT_TRUE(store_->db()->Flush(rocksdb::FlushOptions()).ok());
  EXPECT_TRUE(IsOk(store_->Close()));
  store_ = testing::OpenStore(request_);  // with nothing in its cache
  Cursor::Config config = Config();
  config.flags = kCacheOnly;
  config.snapshot = std::make_shared<Snapshot>(store_->db());
  Cursor cursor(config);
  Rows rows;
  const PageResult cold = Take(&cursor, 10, 4096, &rows);
  EXPECT_TRUE(cold.not_cached);
  EXPECT_EQ(cold.count, 0u);
  EXPECT_FALSE(cold.exhausted);
  cursor.AllowIo();
  EXPECT_EQ(TakeAll(&cursor, 10), Expected(0, kRows));

  Cursor warm(config);  // now it is cached
  EXPECT_EQ(Take(&warm, 10, 4096, &rows).count, 10u);
  warm.AllowIo();  // goes on where it was
  rows.clear();
  Take(&warm, 1, 4096, &rows);
  EXPECT_EQ(rows, Expected(10, 11));
}

TEST_F(CursorTest, WalksThePageCacheOrSaysThatItWouldWait) {
  EXPECT_TRUE(store_->db()->Flush(rocksdb::FlushOptions()).ok());
  EXPECT_TRUE(IsOk(store_->Close()));
  store_ = testing::OpenStore(request_);
  Cursor::Config config = Config();
  config.flags = kNoWait;
  config.snapshot = std::make_shared<Snapshot>(store_->db());
  Cursor cursor(config);
  Rows rows;
  const PageResult first = Take(&cursor, 10, 4096, &rows);
  EXPECT_TRUE(IsOk(first.error));
  EXPECT_NE(first.not_cached, first.count == 10u);
  cursor.AllowIo();
  EXPECT_EQ(TakeAll(&cursor, 10), Expected(first.count, kRows));
}

TEST_F(CursorTest, GivesTheRowsBeforeACorruptBlock) {
  std::mt19937 random(1);
  for (int i = 0; i < kRows; ++i) {
    std::string value(200, '\0');
    for (char& byte : value) byte = static_cast<char>(random());
    EXPECT_TRUE(IsOk(testing::Put(store_.get(), 0, testing::Key(i), value)));
  }
  Damage(10000);
  Cursor cursor(Config());
  std::vector<char> bytes(4096);
  std::vector<uint32_t> offsets(21);
  const Page page{bytes.data(), bytes.size(), offsets.data(), 10};
  int rows = 0;
  PageResult result = cursor.Next(page);
  for (; result.error.ok() && !result.exhausted; result = cursor.Next(page)) {
    for (uint32_t i = 0; i < result.count; ++i, ++rows) {
      EXPECT_EQ(std::string(bytes.data() + offsets[size_t{2} * i],
                            bytes.data() + offsets[size_t{2} * i + 1]),
                testing::Key(rows));
    }
  }
  EXPECT_EQ(result.error.code(), Code::kCorruption);
  EXPECT_NE(rows % 10, 0);  // those of the last page, too
  EXPECT_LT(rows, kRows);
  EXPECT_EQ(cursor.Next(page).error.code(), Code::kCorruption);

  Cursor::Config config = Config();
  config.flags = kNoWait;
  Cursor nowait(config);
  result = nowait.Next(page);
  for (int calls = 0; result.count != 0 && calls < kRows; ++calls) result = nowait.Next(page);
  EXPECT_TRUE(result.not_cached);  // the one that may wait says what is wrong
}

TEST_F(CursorTest, SaysSoWhereABlockIsCorrupt) {
  Damage(100);  // in the first data block
  Cursor cursor(Config());
  std::vector<char> bytes(4096);
  std::vector<uint32_t> offsets(21);
  const PageResult result = cursor.Next(Page{bytes.data(), bytes.size(), offsets.data(), 10});
  EXPECT_EQ(result.error.code(), Code::kCorruption);
  EXPECT_FALSE(result.exhausted);
}

}  // namespace
}  // namespace rocksdb_live
