#include "engine/primary_options.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "rocksdb/utilities/options_util.h"

namespace rocksdb_live {
namespace {

constexpr const char kRecycled[] = "recycle_log_file_num=";

}  // namespace

Error CheckForSecondary(const std::string& path) {
  std::string name;
  const rocksdb::Status status =
      rocksdb::GetLatestOptionsFileName(path, rocksdb::Env::Default(), &name);
  if (!status.ok()) return Error();
  std::ifstream file(std::filesystem::u8path(path) / name);
  std::string line;
  while (std::getline(file, line)) {
    const size_t at = line.find(kRecycled);
    if (at == std::string::npos) continue;
    const std::string count = line.substr(at + sizeof kRecycled - 1);
    if (std::strtoul(count.c_str(), nullptr, 10) == 0) return Error();
    return Error(Code::kNotSupported,
                 "its writer was opened with recycle_log_file_num = " + count +
                     ", and recycled files cannot be followed: open it there without, or open it "
                     "here with mode 'read-only'");
  }
  return Error();
}

}  // namespace rocksdb_live
