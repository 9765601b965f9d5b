// Which families expire is recorded, taken over, and never contradicted.
#include "engine/directory/adopt_expiry.h"

#include "engine/tests/reads/expiring.h"

namespace rocksdb_live {
namespace {

using testing::Enveloped;
using testing::kExpiryOption;
using testing::kLater;

class AdoptExpiryTest : public testing::ExpiringTest {
 protected:
  // Opens the database, whose families are asked for like this; returns the error's code.
  std::string OpenWith(const std::string& name, const OptionMap& options, Mode mode) {
    OpenRequest request = testing::RequestFor(request_.path);
    request.mode = mode;
    if (mode == Mode::kSecondary) request.secondary_path = dir_ / "secondary";
    if (!name.empty()) request.families.push_back({name, {options, {}}});
    Result<std::shared_ptr<Store>> opened = Store::Open(request);
    if (!opened.ok()) return opened.error.code_name();
    reopened_ = opened.value;
    return "OK";
  }
  std::string OpenWith(const std::string& name, const std::string& text,
                       Mode mode = Mode::kReadWrite) {
    return OpenWith(name, OptionMap{{kExpiryOption, text}}, mode);
  }
  // "grace after" of an open family, or "none".
  std::string ExpiryOfOpen(const std::string& name) {
    const auto family = reopened_->FindNamed(name);
    const Expiry* const expiry = family->expiry();
    if (expiry == nullptr) return "none";
    return std::to_string(expiry->grace_ms) + " " + std::to_string(expiry->after_ms);
  }

  std::shared_ptr<Store> reopened_;
};

TEST_F(AdoptExpiryTest, APlainOpenTakesItOver) {
  Close();
  for (const Mode mode : {Mode::kReadWrite, Mode::kReadOnly, Mode::kSecondary, Mode::kReadWrite}) {
    ASSERT_EQ(OpenWith("", OptionMap(), mode), "OK");
    EXPECT_EQ(ExpiryOfOpen("s"), "60000 0");
    EXPECT_EQ(ExpiryOfOpen("default"), "none");
    reopened_.reset();
  }
}

TEST_F(AdoptExpiryTest, OtherTimesCountAndAreRecorded) {
  Close();
  ASSERT_EQ(OpenWith("s", "{id=rocksdb-live.expires;grace_ms=5;after_ms=7}"), "OK");
  EXPECT_EQ(ExpiryOfOpen("s"), "5 7");
  reopened_.reset();
  ASSERT_EQ(OpenWith("", OptionMap(), Mode::kReadWrite), "OK");
  EXPECT_EQ(ExpiryOfOpen("s"), "5 7");
  reopened_.reset();
  ASSERT_EQ(OpenWith("s", "rocksdb-live.expires"), "OK");
  EXPECT_EQ(ExpiryOfOpen("s"), "3600000 0");
}

TEST_F(AdoptExpiryTest, TheContraryIsRefused) {
  Close();
  for (const Mode mode : {Mode::kReadWrite, Mode::kReadOnly, Mode::kSecondary}) {
    EXPECT_EQ(OpenWith("s", "nullptr", mode), "ERR_OPTIONS_MISMATCH");
    EXPECT_EQ(OpenWith("default", "{id=rocksdb-live.expires}", mode), "ERR_OPTIONS_MISMATCH");
  }
  ASSERT_EQ(OpenWith("", OptionMap(), Mode::kReadWrite), "OK");
}

TEST_F(AdoptExpiryTest, SoAreTextsThatAreNone) {
  Close();
  for (const char* text :
       {"{id=rocksdb-live.expires;grace_ms=-1}", "{id=rocksdb-live.expires;grace_ms=x}",
        "{id=rocksdb-live.expires;other=1}", "rocksdb-live.expire", "{}"}) {
    EXPECT_NE(OpenWith("n", text), "OK") << text;
  }
  OptionMap options = {{kExpiryOption, "rocksdb-live.expires"}, {"merge_operator", "uint64add"}};
  EXPECT_EQ(OpenWith("n", options, Mode::kReadWrite), "ERR_INVALID_ARGUMENT");
}

TEST_F(AdoptExpiryTest, WhoeverJoinsAgreesOrSaysNothing) {
  const auto join = [&](const OptionMap& options) {
    OpenRequest request = request_;
    request.families.front().options.column_family = options;
    request.families.front().options.column_family["disable_auto_compactions"] = "true";
    return std::string(session_->store().Join(request).code_name());
  };
  EXPECT_EQ(join({}), "OK");
  EXPECT_EQ(join({{kExpiryOption, "{grace_ms=60000;id=rocksdb-live.expires}"}}), "OK");
  EXPECT_EQ(join({{kExpiryOption, "nullptr"}}), "ERR_OPTIONS_MISMATCH");
  EXPECT_EQ(join({{kExpiryOption, "rocksdb-live.expires"}}), "ERR_OPTIONS_MISMATCH");
}

TEST_F(AdoptExpiryTest, CompactionsComeByThemselves) {
  const auto period = [&](const OptionMap& options) {
    OptionsBuilder builder{OptionMap()};
    rocksdb::ColumnFamilyOptions family;
    EXPECT_TRUE(IsOk(builder.BuildFamily("n", {options, {}}, rocksdb::DBOptions(), &family)));
    return family.periodic_compaction_seconds;
  };
  const std::string id = "id=rocksdb-live.expires";
  EXPECT_EQ(period({{kExpiryOption, id}}), 86400u);
  EXPECT_EQ(period({{kExpiryOption, id}, {"periodic_compaction_seconds", "0"}}), 86400u);
  EXPECT_EQ(period({{kExpiryOption, id}, {"periodic_compaction_seconds", "77"}}), 77u);
  EXPECT_EQ(period({{kExpiryOption, id + ";after_ms=1000;grace_ms=0"}}), 3600u);
  EXPECT_EQ(period({{kExpiryOption, id + ";after_ms=86400000"}}), 90000u);
  EXPECT_EQ(period({{kExpiryOption, id + ";after_ms=9007199254740991"}}), 2592000u);
}

TEST_F(AdoptExpiryTest, ASecondaryLearnsOfFamiliesThatComeLater) {
  ASSERT_EQ(OpenWith("", OptionMap(), Mode::kSecondary), "OK");
  Store* const writer = &session_->store();
  const FamilyOptionMaps expires{{{kExpiryOption, "rocksdb-live.expires"}}, {}};
  const FamilyOptionMaps plain;
  ASSERT_TRUE(IsOk(writer->CreateFamily("later", &expires).error));
  const uint32_t plain_id = writer->CreateFamily("plain", &plain).value;
  ASSERT_TRUE(IsOk(testing::Put(writer, plain_id, "a", "1")));
  ASSERT_TRUE(IsOk(reopened_->CatchUp().error));
  EXPECT_EQ(ExpiryOfOpen("s") + ExpiryOfOpen("later") + ExpiryOfOpen("plain"),
            "60000 03600000 0none");
  // Another one, of the same name.
  ASSERT_TRUE(IsOk(writer->DropFamily(writer->FindNamed("later")->id())));
  ASSERT_TRUE(IsOk(writer->CreateFamily("later", &plain).error));
  ASSERT_TRUE(IsOk(reopened_->CatchUp().error));
  EXPECT_EQ(ExpiryOfOpen("later"), "none");
}

}  // namespace
}  // namespace rocksdb_live
