#include "engine/changes/history.h"

#include <filesystem>

#include "engine/files/small_files.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

History Example() {
  History history = NewHistory();
  history.BeginIncarnation(100, 107);
  history.families.push_back({FamilyRecord::Kind::kKnown, 0, 0, "default", ""});
  history.families.push_back({FamilyRecord::Kind::kDropped, 120, 7, "a b\n", "uint64add"});
  history.families.push_back({FamilyRecord::Kind::kCreated, 130, 8, "", ""});
  history.places["search"] = {{1, 2, 125}, 1000, 2000, true};
  return history;
}

TEST(History, IsReadAsItWasWritten) {
  const testing::TempDir temp;
  const History history = Example();
  ASSERT_TRUE(IsOk(WriteHistory(temp.path(), history)));
  ASSERT_TRUE(IsOk(WriteHistory(temp.path(), history)));
  const History read = ReadHistory(temp.path());
  EXPECT_EQ(read.epoch, history.epoch);
  EXPECT_EQ(read.incarnations, history.incarnations);
  ASSERT_EQ(read.families.size(), 3U);
  EXPECT_EQ(read.families[1].name, "a b\n");
  EXPECT_EQ(read.families[1].nature, "uint64add");
  EXPECT_EQ(read.families[2].name, "");
  EXPECT_EQ(read.families[2].nature, "");
  const Place& place = read.places.at("search");
  EXPECT_EQ(place.at.next, 125U);
  EXPECT_EQ(place.at.families, 2U);
  EXPECT_EQ(place.most_bytes, 1000U);
  EXPECT_EQ(place.most_age_ms, 2000U);
  EXPECT_TRUE(place.lost);
}

TEST(History, MovesOnBehindNumbersThatAreLeftOut) {
  const History history = Example();
  Position position = {0, 0, 99};
  EXPECT_FALSE(history.MoveOn(&position));
  EXPECT_EQ(history.NextOf(position), 99U);
  position.next = 100;
  EXPECT_EQ(history.NextOf(position), 107U);
  EXPECT_TRUE(history.MoveOn(&position));
  EXPECT_EQ(position.incarnation, 1U);
  EXPECT_EQ(position.next, 107U);
  EXPECT_FALSE(history.MoveOn(&position));
}

TEST(History, OfACopyIsNone) {
  const testing::TempDir from;
  const testing::TempDir to;
  ASSERT_TRUE(IsOk(WriteHistory(from.path(), Example())));
  std::filesystem::copy_file(from / "rocksdb-live.changes", to / "rocksdb-live.changes");
  EXPECT_FALSE(ReadHistory(to.path()).exists());
  // Moved, it is the same.
  const testing::TempDir moved;
  std::filesystem::rename(from / "rocksdb-live.changes", moved / "rocksdb-live.changes");
  EXPECT_TRUE(ReadHistory(moved.path()).exists());
}

TEST(History, ThatIsDamagedIsNone) {
  const testing::TempDir temp;
  const std::string path = temp / "rocksdb-live.changes";
  ASSERT_TRUE(IsOk(WriteHistory(temp.path(), Example())));
  std::string text;
  ASSERT_TRUE(ReadWhole(path, &text));
  for (size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    ASSERT_TRUE(Overwrite(path, damaged));
    EXPECT_FALSE(ReadHistory(temp.path()).exists()) << i;
  }
  ASSERT_TRUE(Overwrite(path, text));
  EXPECT_TRUE(ReadHistory(temp.path()).exists());
}

TEST(History, ForgetsOldIncarnations) {
  History history = NewHistory();
  for (uint64_t i = 1; i <= 5000; ++i) history.BeginIncarnation(i * 10, i * 10);
  EXPECT_EQ(history.incarnations.size(), 4096U);
  EXPECT_EQ(history.last_incarnation(), 5000U);
  EXPECT_EQ(history.EndOf(4999), 50000U);
  EXPECT_EQ(history.EndOf(5000), UINT64_MAX);
  EXPECT_EQ(history.IncarnationOf(50000), 5000U);
  EXPECT_EQ(history.IncarnationOf(49999), 4999U);
}

TEST(Token, ComesBackAndNothingElseDoes) {
  const std::string epoch(16, 'e');
  const std::string text = EncodeToken(epoch, {3, 4, uint64_t{1} << 40});
  const Result<Token> token = DecodeToken(text);
  ASSERT_TRUE(IsOk(token.error));
  EXPECT_EQ(token.value.epoch, epoch);
  EXPECT_EQ(token.value.position.incarnation, 3U);
  EXPECT_EQ(token.value.position.families, 4U);
  EXPECT_EQ(token.value.position.next, uint64_t{1} << 40);
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_EQ(DecodeToken(text.substr(0, i)).error.code(), Code::kInvalidArgument);
    std::string other = text;
    other[i] = other[i] == '0' ? '1' : '0';
    EXPECT_EQ(DecodeToken(other).error.code(), Code::kInvalidArgument) << i;
  }
}

}  // namespace
}  // namespace rocksdb_live
