// A session's conditional writes.
#include <utility>

#include "engine/base/read_options.h"
#include "engine/store/session.h"

namespace rocksdb_live {
namespace {

constexpr size_t kInlineBytes = size_t{32} << 10;

}  // namespace

Error Session::FindCompared(std::string_view packed,
                            std::vector<std::shared_ptr<Family>>* families) {
  Error error;
  PackedComparison comparison;
  while (!packed.empty()) {
    if (!TakeComparison(&packed, &comparison)) {
      return Error(Code::kInvalidArgument, "the packed comparisons are cut short");
    }
    const std::shared_ptr<Family>& family = FindFamily(comparison.family, &error);
    if (!family) return error;
    families->push_back(family);
  }
  return error;
}

Result<std::optional<bool>> Session::CompareAndCommit(const CompareRequest& request,
                                                      Compared done) {
  std::vector<std::shared_ptr<Family>> families;
  Error error = FindCompared(request.checks, &families);
  if (!error.ok()) return error;
  const uint32_t flags = request.flags;
  const bool small = (flags & kSync) == 0 && request.batch.size() <= kInlineBytes;
  if (small && store_->MayWriteInline()) {
    CompareAndWrite write(families, request.checks);
    write.batch.swap(batch_);
    write.batch.assign(request.batch);
    const bool tried = store_->TryWriteChecked(&write, flags | kNoSlowdown, &error);
    write.batch.swap(batch_);
    const bool stalled = error.code() == Code::kBusy && (flags & kNoSlowdown) == 0;
    if (tried && error.ok()) return std::optional<bool>(!write.left);
    if (tried && !stalled) return error;
  }
  const auto write = std::make_shared<CompareAndWrite>(std::move(families), request.checks);
  write->Keep();
  if (store_->replica() != nullptr) write->Watch(&store_->transactions().window());
  write->batch = request.batch;
  const auto tell = [write, done = std::move(done)](const Error& outcome) {
    done(outcome.ok() ? Result<bool>(!write->left) : Result<bool>(outcome));
  };
  store_->commits().SubmitChecked(write, flags, tell, TakeLease());
  return std::optional<bool>();
}

Result<bool> Session::CompareAndCommitNow(const CompareRequest& request) {
  if (store_->replica() != nullptr) return NoneAtOnce();
  std::vector<std::shared_ptr<Family>> families;
  Error error = FindCompared(request.checks, &families);
  if (!error.ok()) return error;
  const auto write = std::make_shared<CompareAndWrite>(std::move(families), request.checks);
  write->batch = request.batch;
  error = store_->commits().idle() ? store_->WriteChecked({write.get()}, request.flags).front()
                                   : store_->commits().SubmitCheckedAndWait(write, request.flags);
  if (!error.ok()) return error;
  return !write->left;
}

}  // namespace rocksdb_live
