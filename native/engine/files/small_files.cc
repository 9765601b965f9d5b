#include "engine/files/small_files.h"

#include <filesystem>
#include <fstream>

#include "rocksdb/env.h"

namespace rocksdb_live {

namespace {

namespace fs = std::filesystem;

}  // namespace

bool ReadWhole(const std::string& path, std::string* text) {
  uint64_t size = 0;
  return ReadTail(path, std::string::npos, text, &size);
}

bool ReadHead(const std::string& path, uint64_t most, std::string* text) {
  std::ifstream file(fs::u8path(path), std::ios::binary);
  if (!file) return false;
  text->resize(static_cast<size_t>(most));
  file.read(text->data(), static_cast<std::streamsize>(most));
  text->resize(static_cast<size_t>(file.gcount()));
  return !file.bad();
}

bool ReadTail(const std::string& path, uint64_t most, std::string* text, uint64_t* size) {
  // A directory has an end, too, which is far away.
  std::error_code failure;
  if (!fs::is_regular_file(fs::u8path(path), failure)) return false;
  std::ifstream file(fs::u8path(path), std::ios::binary | std::ios::ate);
  if (!file) return false;
  const std::streamoff length = file.tellg();
  if (length < 0) return false;
  *size = static_cast<uint64_t>(length);
  const uint64_t wanted = *size < most ? *size : most;
  text->resize(static_cast<size_t>(wanted));
  file.seekg(static_cast<std::streamoff>(*size - wanted));
  file.read(text->data(), static_cast<std::streamsize>(wanted));
  text->resize(static_cast<size_t>(file.gcount()));
  return !file.bad();
}

Error WriteAtomically(const std::string& path, const std::string& text, bool sync) {
  const std::string next = path + ".new";
  rocksdb::Env* const env = rocksdb::Env::Default();
  Error error = Error::From(rocksdb::WriteStringToFile(env, text, next, sync));
  if (error.ok()) error = Error::From(env->RenameFile(next, path));
  if (!error.ok()) {
    env->DeleteFile(next).PermitUncheckedError();
    return error;
  }
  return sync ? SyncDirectory(fs::u8path(path).parent_path().u8string()) : Error();
}

bool Overwrite(const std::string& path, const std::string& text) {
  const fs::path where = fs::u8path(path);
  std::fstream file(where, std::ios::binary | std::ios::in | std::ios::out);
  if (!file) file.open(where, std::ios::binary | std::ios::out);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return !file.fail();
}

Error SyncDirectory(const std::string& path) {
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = rocksdb::Env::Default()->NewDirectory(path, &directory);
  if (status.ok()) status = directory->Fsync();
  return Error::From(status);
}

std::string Under(const std::string& directory, const std::string& name) {
  return directory + "/" + name;
}

}  // namespace rocksdb_live
