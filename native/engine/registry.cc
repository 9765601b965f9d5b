#include "engine/registry.h"

#include "engine/directory_lock.h"
#include "engine/exceptions.h"

namespace rocksdb_live {
namespace {

std::string ModeKey(const OpenRequest& request) {
  switch (request.mode) {
    case Mode::kReadOnly:
      return "read-only";
    case Mode::kSecondary:
      return "secondary " + request.secondary_path;
    case Mode::kReadWrite:
      break;
  }
  return "";
}

}  // namespace

Registry& Registry::Get() {
  static auto* const registry = new Registry();
  return *registry;
}

Result<std::shared_ptr<Store>> Registry::OpenNew(const Key& key, const OpenRequest& request) {
  // Whatever happens, whoever waits for this open must hear of its end.
  Result<std::shared_ptr<Store>> opened = Caught([&] { return Store::Open(request); });
  std::lock_guard<std::mutex> lock(mutex_);
  if (opened.ok()) {
    entries_[key].store = opened.value;
  } else {
    entries_.erase(key);
  }
  changed_.notify_all();
  return opened;
}

Result<std::shared_ptr<Store>> Registry::Acquire(OpenRequest request) {
  const bool create = request.mode == Mode::kReadWrite && request.create_if_missing;
  Result<Directory> directory = FindDirectory(request.path, create);
  if (!directory.ok()) return directory.error;
  request.path = directory.value.path;
  const Key key(directory.value.id, ModeKey(request));
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) break;
    if (found->second.store == nullptr) {
      changed_.wait(lock);
      continue;
    }
    ++found->second.users;
    const std::shared_ptr<Store> store = found->second.store;
    lock.unlock();
    Error error = request.error_if_exists
                      ? Error(Code::kInvalidArgument, "it exists (errorIfExists)")
                      : Caught([&] { return store->Join(request); });
    if (error.ok()) return store;
    static_cast<void>(Release(store));
    return error;
  }
  entries_[key].users = 1;
  lock.unlock();
  return OpenNew(key, request);
}

Error Registry::Release(const std::shared_ptr<Store>& store) {
  std::unique_lock<std::mutex> lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->second.store != store) continue;
    if (--entry->second.users > 0) return Error();
    entry->second.store = nullptr;  // whoever opens it now waits for the close
    const Key key = entry->first;
    lock.unlock();
    Error error = Caught([&] { return store->Close(); });
    lock.lock();
    entries_.erase(key);
    changed_.notify_all();
    return error;
  }
  return Error();
}

Error Registry::WhileClosed(const std::string& path,
                            const std::function<Error(const std::string&)>& work) {
  Result<Directory> directory = FindDirectory(path, false);
  if (!directory.ok()) return directory.error;
  const Key key(directory.value.id, "");
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [other, entry] : entries_) {
      const bool same = !(other.first < key.first) && !(key.first < other.first);
      if (same) return Error(Code::kLocked, path + " is open in this process");
    }
    entries_[key].users = 1;  // as if it were opening
  }
  DirectoryLock directory_lock;
  Error error = directory_lock.Take(directory.value.path);
  if (error.ok()) error = Caught([&] { return work(directory.value.path); });
  directory_lock.Release();
  std::lock_guard<std::mutex> lock(mutex_);
  entries_.erase(key);
  changed_.notify_all();
  return error;
}

}  // namespace rocksdb_live
