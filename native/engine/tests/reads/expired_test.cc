// Rows that expire: every read hides them from their moment on, and compactions drop them later.
#include "engine/reads/expired.h"

#include "engine/tests/reads/expiring.h"

namespace rocksdb_live {
namespace {

using testing::Enveloped;
using testing::kGrace;
using testing::kLater;

class ExpiredTest : public testing::ExpiringTest {};

TEST_F(ExpiredTest, EveryReadHidesThem) {
  PutThree();
  EXPECT_EQ(Get("a") + Get("b") + Get("c"), "(none)soonnever");
  EXPECT_EQ(Queued("a") + Queued("b"), "(none)soon");
  EXPECT_EQ(Many({"a", "b", "c", "d"}), "-45- soonnever");
  EXPECT_EQ(Scan(), "b=soon c=never ");
  EXPECT_EQ(Scan(kReverse), "c=never b=soon ");
  EXPECT_EQ(Scan(kKeysOnly), "b= c= ");
  EXPECT_EQ(Scan(kKeysOnly | kReverse), "c= b= ");
  EXPECT_EQ(Count(), "2");
  EXPECT_EQ(Count(0, 1), "1");
  Wait(kLater);
  EXPECT_EQ(Get("b") + Queued("b") + Get("c"), "(none)(none)never");
  EXPECT_EQ(Many({"a", "b", "c"}), "--5 never");
  EXPECT_EQ(Scan(), "c=never ");
  EXPECT_EQ(Count(), "1");
  EXPECT_GE(expiry().hidden, 10u);
  EXPECT_EQ(expiry().dropped, 0u);
}

TEST_F(ExpiredTest, TheMomentItselfIsTooLate) {
  const uint64_t now = NowMs();
  const Expiry& counts = expiry();
  EXPECT_TRUE(HasExpired(now, now));
  EXPECT_TRUE(HasExpired(1, now));
  EXPECT_FALSE(HasExpired(now + 1, now));
  EXPECT_FALSE(HasExpired(0, now));
  EXPECT_FALSE(HasExpired(std::numeric_limits<uint64_t>::max(), now));
  EXPECT_EQ(counts.grace_ms, kGrace);
  EXPECT_EQ(counts.after_ms, 0u);
}

TEST_F(ExpiredTest, TheEnvelopeComesAlongIfItIsAskedFor) {
  PutThree();
  const std::string soon = Enveloped(then_, "soon");
  EXPECT_EQ(Get("b", 0, kEnvelope), soon);
  EXPECT_EQ(Get("a", 0, kEnvelope), "(none)");
  EXPECT_EQ(Many({"b"}, 0, kEnvelope), "12 " + soon);
  EXPECT_EQ(Scan(kEnvelope), "b=" + soon + " c=" + Enveloped(0, "never") + " ");
}

TEST_F(ExpiredTest, SnapshotsJudgeByTheirStart) {
  PutThree();
  const uint32_t snapshot = session_->TakeSnapshot();
  Wait(kLater);
  EXPECT_EQ(Get("b"), "(none)");
  EXPECT_EQ(Get("b", snapshot) + Queued("b", snapshot), "soonsoon");
  EXPECT_EQ(Many({"a", "b"}, snapshot), "-4 soon");
  EXPECT_EQ(Scan(0, snapshot), "b=soon c=never ");
  EXPECT_EQ(Count(snapshot), "2");
}

TEST_F(ExpiredTest, SnapshotsOlderThanTheGraceAreRefused) {
  PutThree();
  const uint32_t snapshot = session_->TakeSnapshot();
  Wait(kGrace - 1000);
  Compact();
  EXPECT_EQ(Get("b", snapshot), "soon");
  Wait(2000);
  const std::string old = "ERR_SNAPSHOT_TOO_OLD";
  for (const char* key : {"b", "c", "missing"}) {
    EXPECT_EQ(Get(key, snapshot), old) << key;
    EXPECT_EQ(Queued(key, snapshot), old) << key;
    EXPECT_EQ(Many({key}, snapshot), old) << key;
  }
  EXPECT_EQ(Scan(0, snapshot), old);
  EXPECT_EQ(Count(snapshot), old);
  // Families whose rows do not expire can be read for ever.
  const Result<Answer> other = session_->Read(PointRead{0, snapshot, 0, "b"});
  EXPECT_TRUE(IsOk(other.error));
}

TEST_F(ExpiredTest, AnOpenCursorGoesOn) {
  PutThree();
  Put("bb", then_, "2");
  Put("bc", then_, "3");
  Compact();
  ScanRequest request;
  request.family = id_;
  request.flags = kRefresh;
  request.snapshot = session_->TakeSnapshot();
  std::vector<char> bytes(100);
  std::vector<uint32_t> offsets(3);
  const Page page{bytes.data(), bytes.size(), offsets.data(), 1};
  const CursorRows first = session_->OpenCursor(request, page);
  ASSERT_TRUE(IsOk(first.page.error));
  EXPECT_EQ(bytes[0], 'b');
  Wait(kLater + kGrace + 1);
  Compact();
  EXPECT_EQ(Stored("bb") + Stored("bc"), "(none)(none)");
  std::string rest;
  for (int i = 0; i < 3; ++i) {
    const CursorRows rows = session_->NextRows(first.cursor, page);
    ASSERT_TRUE(IsOk(rows.page.error));
    rest += std::string(bytes.data(), offsets[2]) + " ";
  }
  EXPECT_EQ(rest, "bb2 bc3 cnever ");
}

TEST_F(ExpiredTest, CompactionsDropThemAfterTheGrace) {
  PutThree();
  Wait(kLater + kGrace - 1000);
  Compact();
  EXPECT_EQ(Stored("b"), Enveloped(then_, "soon"));
  Wait(1001);
  EXPECT_TRUE(IsOk(Flush(&session_->store(), {session_->store().FindFamily(id_)})));
  EXPECT_EQ(Stored("b"), Enveloped(then_, "soon"));
  Compact();
  EXPECT_EQ(Stored("a") + Stored("b"), "(none)(none)");
  EXPECT_EQ(Get("c"), "never");
  EXPECT_EQ(expiry().dropped, 2u);
}

TEST_F(ExpiredTest, ValuesInBlobFilesAreDroppedAsWell) {
  const FamilyOptionMaps maps{{{testing::kExpiryOption, "id=rocksdb-live.expires;grace_ms=0"},
                               {"enable_blob_files", "true"},
                               {"min_blob_size", "0"},
                               {"enable_blob_garbage_collection", "true"},
                               {"disable_auto_compactions", "true"}},
                              {}};
  const Result<uint32_t> made = session_->store().CreateFamily("blobs", &maps);
  ASSERT_TRUE(IsOk(made.error));
  id_ = made.value;
  PutThree();
  EXPECT_TRUE(IsOk(Flush(&session_->store(), {session_->store().FindFamily(id_)})));
  EXPECT_EQ(Scan() + Scan(kKeysOnly | kReverse) + Count(), "b=soon c=never c= b= 2");
  EXPECT_EQ(Get("a") + Get("b", 0, kPresence) + Many({"a", "b"}), "(none)soon-4 soon");
  Wait(kLater);
  Compact();
  EXPECT_EQ(Stored("a") + Stored("b"), "(none)(none)");
  EXPECT_EQ(Scan(), "c=never ");
  EXPECT_EQ(ExpiryOfFamily("blobs").dropped, 2u);
}

TEST_F(ExpiredTest, DroppingOneBringsNoOlderOneBack) {
  Put("a", 0, "old");
  Compact();
  Put("a", NowMs() + kLater, "new");
  EXPECT_TRUE(IsOk(Flush(&session_->store(), {session_->store().FindFamily(id_)})));
  Wait(kLater);
  EXPECT_EQ(Get("a"), "(none)");
  Wait(kGrace);
  Compact();
  EXPECT_EQ(Get("a") + Stored("a"), "(none)(none)");
}

TEST_F(ExpiredTest, AClockThatStepsBackShowsWhatIsStillThere) {
  PutThree();
  Wait(kLater + 1);
  EXPECT_EQ(Scan(), "c=never ");
  Wait(static_cast<uint64_t>(-2 * static_cast<int64_t>(kLater)));
  EXPECT_EQ(Scan(), "a=gone b=soon c=never ");
  Wait(2 * kLater + kGrace);
  Compact();
  Wait(static_cast<uint64_t>(-2 * static_cast<int64_t>(kLater + kGrace)));
  EXPECT_EQ(Scan(), "c=never ");
}

TEST_F(ExpiredTest, ValuesWithoutEnvelopeAreAnErrorAndStay) {
  PutThree();
  ASSERT_TRUE(IsOk(testing::Put(&session_->store(), id_, "bb", "short")));
  EXPECT_EQ(Get("bb") + Queued("bb") + Many({"b", "bb"}),
            "ERR_CORRUPTIONERR_CORRUPTIONERR_CORRUPTION");
  EXPECT_EQ(Scan(), "b=soon ");
  EXPECT_EQ(Count(), "ERR_CORRUPTION");
  EXPECT_EQ(Get("c"), "never");
  Compact();
  EXPECT_EQ(Stored("bb"), "short");
}

TEST_F(ExpiredTest, ACursorCanSeekPastAValueWithoutEnvelope) {
  PutThree();
  ASSERT_TRUE(IsOk(testing::Put(&session_->store(), id_, "bb", "short")));
  ScanRequest request;
  request.family = id_;
  std::vector<char> bytes(100);
  std::vector<uint32_t> offsets(3);
  const Page page{bytes.data(), bytes.size(), offsets.data(), 1};
  const CursorRows first = session_->OpenCursor(request, page);
  ASSERT_TRUE(IsOk(first.page.error));
  EXPECT_EQ(session_->NextRows(first.cursor, page).page.error.code(), Code::kCorruption);
  EXPECT_TRUE(IsOk(session_->Seek(first.cursor, "bc")));
  const CursorRows last = session_->NextRows(first.cursor, page);
  ASSERT_TRUE(IsOk(last.page.error));
  EXPECT_EQ(std::string(bytes.data(), 6), "cnever");
}

TEST_F(ExpiredTest, ManyThatHaveExpiredAreLeftToAThread) {
  const uint64_t gone = NowMs() - 1;
  rocksdb::WriteBatch batch;
  const auto family = session_->store().FindFamily(id_);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(batch.Put(family->handle(), testing::Key(i), Enveloped(gone, "v")).ok());
  }
  std::string wire = batch.Data();
  ASSERT_TRUE(IsOk(session_->store().Write(&wire, 0)));
  Put("z", 0, "last");
  EXPECT_EQ(Scan(), "z=last ");
  EXPECT_EQ(Scan(kNoWait), "(not cached)");
  EXPECT_EQ(Count(), "1");
  *session_->canceled() = true;
  EXPECT_EQ(Count(), "ERR_ABORTED");
  EXPECT_EQ(Scan(), "ERR_ABORTED");
  *session_->canceled() = false;
}

TEST_F(ExpiredTest, ClearSeesThoseThatAreLeft) {
  PutThree();
  Put("d", then_ - kLater - 1, "gone");
  Cursor::Config config;
  config.family = session_->store().FindFamily(id_);
  std::string batch;
  ASSERT_TRUE(IsOk(MakeClearBatch(config, *session_->canceled(), &batch)));
  ASSERT_TRUE(IsOk(session_->store().Write(&batch, 0)));
  EXPECT_EQ(Scan(), "");
  // Those outside of what it has seen are left to compactions.
  EXPECT_EQ(Stored("a").size() + Stored("d").size(), 24u);
  ASSERT_TRUE(IsOk(MakeClearBatch(config, *session_->canceled(), &batch)));
  EXPECT_EQ(batch, "");
}

}  // namespace
}  // namespace rocksdb_live
