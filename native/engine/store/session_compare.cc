// A session's writes beside comparisons.
#include <cstring>
#include <utility>

#include "engine/base/read_options.h"
#include "engine/reads/reads.h"
#include "engine/store/session.h"

namespace rocksdb_live {
namespace {

constexpr size_t kInlineBytes = size_t{32} << 10;

Error CutShort() { return Error(Code::kInvalidArgument, "the packed comparisons are cut short"); }

// Takes `size` bytes off the front.
bool Take(std::string_view* from, size_t size, std::string_view* to) {
  if (from->size() < size) return false;
  *to = from->substr(0, size);
  from->remove_prefix(size);
  return true;
}

}  // namespace

std::shared_ptr<CompareAndWrite> Session::MakeComparison(const CompareRequest& request,
                                                         Error* error) {
  std::vector<Comparison> comparisons;
  std::string_view rest = request.checks;
  while (!rest.empty()) {
    uint32_t head[3];
    std::string_view bytes;
    std::string_view value;
    Comparison comparison;
    bool whole = Take(&rest, sizeof head, &bytes);
    if (whole) std::memcpy(head, bytes.data(), sizeof head);
    whole = whole && Take(&rest, head[1], &bytes);
    if (whole && head[2] != kMissing) whole = Take(&rest, head[2], &value);
    if (!whole) {
      *error = CutShort();
      return nullptr;
    }
    comparison.family = FindFamily(head[0], error);
    if (!comparison.family) return nullptr;
    comparison.key = bytes;
    if (head[2] != kMissing) comparison.equals.emplace(value);
    comparisons.push_back(std::move(comparison));
  }
  auto made = std::make_shared<CompareAndWrite>(std::move(comparisons));
  made->batch = request.batch;
  return made;
}

Result<std::optional<bool>> Session::CompareAndCommit(const CompareRequest& request,
                                                      Compared done) {
  Error error;
  const std::shared_ptr<CompareAndWrite> write = MakeComparison(request, &error);
  if (!write) return error;
  const uint32_t flags = request.flags;
  const bool small = (flags & kSync) == 0 && write->batch.size() <= kInlineBytes;
  if (small && store_->MayWriteInline() &&
      store_->TryWriteChecked(write.get(), flags | kNoSlowdown, &error)) {
    const bool stalled = error.code() == Code::kBusy && (flags & kNoSlowdown) == 0;
    if (error.ok()) return std::optional<bool>(!write->left);
    if (!stalled) return error;
  }
  const auto tell = [write, done = std::move(done)](const Error& outcome) {
    done(outcome.ok() ? Result<bool>(!write->left) : Result<bool>(outcome));
  };
  store_->commits().SubmitChecked(write, flags, tell, TakeLease());
  return std::optional<bool>();
}

Result<bool> Session::CompareAndCommitNow(const CompareRequest& request) {
  Error error;
  const std::shared_ptr<CompareAndWrite> write = MakeComparison(request, &error);
  if (!write) return error;
  error = store_->commits().idle() ? store_->WriteChecked({write.get()}, request.flags).front()
                                   : store_->commits().SubmitCheckedAndWait(write, request.flags);
  if (!error.ok()) return error;
  return !write->left;
}

}  // namespace rocksdb_live
