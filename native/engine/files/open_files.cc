#include "engine/files/open_files.h"

#include <algorithm>
#include <string>

namespace rocksdb_live {
namespace {

constexpr int64_t kFewest = 20;  // db/db_impl/db_impl_open.cc, SanitizeOptions

void Tell(const OpenFiles::Claim& claim) {
  claim.db->SetDBOptions({{"max_open_files", std::to_string(claim.files)}}).PermitUncheckedError();
}

}  // namespace

OpenFiles& OpenFiles::Get() {
  static auto* const files = new OpenFiles();
  return *files;
}

OpenFiles::Handle OpenFiles::Join(const Claim& claim) {
  std::lock_guard<std::mutex> lock(mutex_);
  claims_.push_back(claim);
  const Handle handle = std::prev(claims_.end());
  Share();
  handle->opened = handle->files;
  return handle;
}

void OpenFiles::Attach(Handle handle, rocksdb::DB* db) {
  std::lock_guard<std::mutex> lock(mutex_);
  handle->db = db;
  // Other databases may have come and gone while this one was being opened.
  if (handle->adapts && handle->files != handle->opened) Tell(*handle);
}

void OpenFiles::Leave(Handle handle) {
  std::lock_guard<std::mutex> lock(mutex_);
  claims_.erase(handle);
  Share();
}

int64_t OpenFiles::Change(Handle handle, uint64_t budget, int64_t files) {
  std::lock_guard<std::mutex> lock(mutex_);
  handle->budget = budget;
  handle->files = files;
  Share();
  return handle->files;
}

// Smaller shares are announced first, so that the sum never exceeds the budget.
void OpenFiles::Share() {
  int64_t taken = 0;
  int64_t sharers = 0;
  for (const Claim& claim : claims_) {
    const bool shares = claim.budget != 0 && (claim.adapts || claim.files == 0);
    if (shares) ++sharers;
    if (!shares && claim.files > 0) taken += claim.files;
  }
  for (const bool shrinking : {true, false}) {
    for (Claim& claim : claims_) {
      const bool shares = claim.budget != 0 && (claim.adapts || claim.files == 0);
      if (!shares) continue;
      const int64_t left = static_cast<int64_t>(claim.budget) - taken;
      const int64_t share = claim.adapts ? left / sharers : std::min(left / 2, left / sharers);
      const int64_t files = std::max(kFewest, share);
      const bool shrinks = claim.files > files;
      if (claim.files == files || shrinks != shrinking) continue;
      claim.files = files;
      if (claim.db != nullptr) Tell(claim);
    }
  }
}

}  // namespace rocksdb_live
