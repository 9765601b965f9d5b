#include "engine/replica/body.h"

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;

const char kName[] = "users";

Body CommitOf(const std::string& bytes) {
  Result<Body> body = ReadBody(bytes);
  EXPECT_TRUE(IsOk(body.error));
  return body.value;
}

bool FindSeven(const std::string& name, uint32_t* number) {
  *number = name == "default" ? 0 : 300;
  return name == "default" || name == kName;
}

TEST(ReplicaBody, GivesAPlaceBack) {
  const ReplicaPosition place{0xFEDCBA9876543210, 1, uint64_t{1} << 40, 7};
  const std::string row = PackPosition(place);
  EXPECT_EQ(row.size(), 36U);
  ReplicaPosition read;
  ASSERT_TRUE(UnpackPosition(row, &read));
  EXPECT_EQ(read.log_id, place.log_id);
  EXPECT_EQ(read.epoch, place.epoch);
  EXPECT_EQ(read.sequence, place.sequence);
  EXPECT_EQ(read.ordinal, place.ordinal);
  EXPECT_FALSE(UnpackPosition(row.substr(1), &read));
  EXPECT_FALSE(UnpackPosition(row + "x", &read));
  EXPECT_FALSE(UnpackPosition("\x02" + row.substr(1), &read));
}

TEST(ReplicaBody, GivesOtherNumbers) {
  const std::string batch = BatchBuilder()
                                .Put(5, "a", "1")
                                .AddPlain(0x1, {"b", std::string(200, 'x')})
                                .Delete(5, "c")
                                .Merge(5, "d", "2")
                                .DeleteRange(0, "e", "f")
                                .Build();
  const std::string bytes = CommitHead({{0, "default"}, {5, kName}}) + batch;
  const Body body = CommitOf(bytes);
  EXPECT_EQ(body.kind, BodyKind::kCommit);
  std::string to;
  ASSERT_TRUE(IsOk(AppendTranslated(body, FindSeven, &to)));
  const std::string expected = BatchBuilder()
                                   .Put(300, "a", "1")
                                   .AddPlain(0x1, {"b", std::string(200, 'x')})
                                   .Delete(300, "c")
                                   .Merge(300, "d", "2")
                                   .AddPlain(0xF, {"e", "f"})
                                   .Build();
  EXPECT_EQ(to, expected);
  ASSERT_TRUE(IsOk(AppendTranslated(body, FindSeven, &to)));
  EXPECT_EQ(BatchCount(to), 10U);
  EXPECT_EQ(to.size(), 2 * expected.size() - kBatchHeader);
}

TEST(ReplicaBody, RefusesWhatIsNotWholeAndLeavesTheRest) {
  const std::string bytes =
      CommitHead({{5, kName}}) + BatchBuilder().Put(5, "a", "1").Put(5, "b", "2").Build();
  std::string before = BatchBuilder().Put(1, "x", "y").Build();
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string to = before;
    const Result<Body> body = ReadBody(bytes.substr(0, size));
    const std::string cut = bytes.substr(0, size);
    if (!body.ok()) {
      EXPECT_EQ(body.error.code(), Code::kCorruption) << size;
      continue;
    }
    EXPECT_EQ(AppendTranslated(CommitOf(cut), FindSeven, &to).code(), Code::kCorruption) << size;
    EXPECT_EQ(to, before);
  }
}

TEST(ReplicaBody, RefusesFamiliesThatAreNotHere) {
  const std::string unknown = CommitHead({{5, "others"}}) + BatchBuilder().Put(5, "a", "1").Build();
  std::string to;
  const Error error = AppendTranslated(CommitOf(unknown), FindSeven, &to);
  EXPECT_EQ(error.code(), Code::kReplicaMismatch);
  EXPECT_NE(error.message().find("\"others\""), std::string::npos);
  // Its list of families does not have the number.
  const std::string unnamed = CommitHead({{4, kName}}) + BatchBuilder().Put(5, "a", "1").Build();
  EXPECT_EQ(AppendTranslated(CommitOf(unnamed), FindSeven, &to).code(), Code::kCorruption);
}

TEST(ReplicaBody, KnowsFamilies) {
  const std::string created = CreateBody(kName, "uint64add");
  const Body create = CommitOf(created);
  EXPECT_EQ(create.kind, BodyKind::kCreateFamily);
  EXPECT_EQ(create.name, kName);
  EXPECT_EQ(create.nature, "uint64add");
  const std::string dropped = DropBody(kName);
  const Body drop = CommitOf(dropped);
  EXPECT_EQ(drop.kind, BodyKind::kDropFamily);
  EXPECT_EQ(drop.name, kName);
  for (const std::string& whole : {created, dropped}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(ReadBody(whole.substr(0, size)).error.code(), Code::kCorruption);
    }
    EXPECT_EQ(ReadBody(whole + "x").error.code(), Code::kCorruption);
  }
  EXPECT_EQ(ReadBody("\x03").error.code(), Code::kCorruption);
}

}  // namespace
}  // namespace rocksdb_live
