#include "engine/store/modes.h"

#include "engine/jobs/checkpoint.h"
#include "engine/jobs/live_options.h"
#include "engine/jobs/maintenance.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

constexpr Mode kModes[] = {Mode::kReadWrite, Mode::kReadOnly, Mode::kSecondary};

TEST(ModesTest, LetsWritersWriteAndReadersRead) {
  for (const Mode mode : kModes) {
    const bool writer = mode == Mode::kReadWrite;
    EXPECT_TRUE(IsOk(CheckMode(mode, "get")));
    EXPECT_TRUE(IsOk(CheckMode(mode, "setShared")));
    EXPECT_EQ(CheckMode(mode, "flush").code(), writer ? Code::kOk : Code::kReadOnly);
    EXPECT_EQ(CheckMode(mode, "commit").outcome(), writer ? Outcome::kNone : Outcome::kNotApplied);
    EXPECT_EQ(CheckMode(mode, "catchUp").code(),
              mode == Mode::kSecondary ? Code::kOk : Code::kNotSupported);
  }
}

TEST(ModesTest, RefusesWhatHasNoRow) {
  for (const Mode mode : kModes) {
    EXPECT_EQ(CheckMode(mode, "forgotten").code(), Code::kNotSupported);
  }
}

TEST(ModesTest, IsAskedByTheEngineItself) {
  const testing::TempDir dir;
  std::filesystem::create_directory(dir / "db");
  OpenRequest request = testing::RequestFor(dir / "db");
  EXPECT_TRUE(IsOk(testing::OpenStore(request)->Close()));
  request.mode = Mode::kSecondary;
  request.secondary_path = dir / "secondary";
  const auto store = testing::OpenStore(request);
  const auto family = store->FindFamily(0);
  std::string batch;
  for (const Error& error :
       {Flush(store.get(), {family}), CompactRange(store.get(), *family, Range(), true, nullptr),
        MakeCheckpoint(store.get(), dir / "copy"), ChangeDbOptions(store.get(), {}, 0),
        ChangeFamilyOptions(store.get(), family, {}), store->Resume(), store->DropFamily(0),
        store->CreateFamily("new", nullptr).error, store->Write(&batch, 0)}) {
    EXPECT_EQ(error.code(), Code::kReadOnly) << error.message();
  }
}

}  // namespace
}  // namespace rocksdb_live
