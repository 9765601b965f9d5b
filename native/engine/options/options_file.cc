#include "engine/options/options_file.h"

#include <set>
#include <string_view>

namespace rocksdb_live {
namespace {

bool IsWanted(std::string_view option) {
  static const std::set<std::string_view> wanted = {"rocksdb_version",
                                                    "wal_dir",
                                                    "db_paths",
                                                    "cf_paths",
                                                    "comparator",
                                                    "merge_operator",
                                                    "compaction_filter",
                                                    "compaction_filter_factory",
                                                    "table_factory",
                                                    "persist_user_defined_timestamps",
                                                    "compression",
                                                    "bottommost_compression",
                                                    "blob_compression_type",
                                                    "compression_per_level",
                                                    "compression_manager"};
  return wanted.count(option) != 0;
}

std::string_view Trim(std::string_view text) {
  const char* const blanks = " \t\r\n";
  const size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Cuts a comment: from a `#` without a backslash before it.
std::string_view WithoutComment(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '#') {
      return line.substr(0, i);
    }
  }
  return line;
}

// Undoes RocksDB's EscapeOptionString.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    const char c = text[++i];
    plain += c == 'n' ? '\n' : c == 'r' ? '\r' : c;
  }
  return plain;
}

// Where a section's options go; null if the section does not matter.
OptionMap* MapOf(std::string_view line, OptionsFile* file) {
  const size_t begin = line.find('"');
  const size_t end = line.rfind('"');
  const bool named = begin != line.npos && end > begin;
  const std::string_view title = Trim(line.substr(1, (named ? begin : line.size() - 1) - 1));
  const std::string family = named ? Unescape(line.substr(begin + 1, end - begin - 1)) : "";
  if (title == "DBOptions" || title == "Version") return &file->db;
  if (title == "CFOptions") return &file->families[family];
  return nullptr;
}

}  // namespace

OptionsFile ParseOptionsFile(const std::string& name, const std::string& text) {
  OptionsFile file;
  file.name = name;
  OptionMap* section = nullptr;
  for (std::string_view rest(text); !rest.empty();) {
    const size_t length = rest.find('\n');
    const std::string_view line = Trim(rest.substr(0, length));
    rest.remove_prefix(length == rest.npos ? rest.size() : length + 1);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      section = MapOf(line, &file);
      continue;
    }
    const size_t equals = line.find('=');
    if (section == nullptr || equals == line.npos) continue;
    const std::string_view option = Trim(line.substr(0, equals));
    if (!IsWanted(option)) continue;
    (*section)[std::string(option)] = Trim(WithoutComment(line.substr(equals + 1)));
  }
  return file;
}

std::string OptionsFile::Find(const OptionMap& map, const std::string& option) {
  const auto found = map.find(option);
  return found == map.end() || found->second == "nullptr" ? "" : found->second;
}

std::string OptionsFile::OfFamily(const std::string& family, const std::string& option) const {
  const auto found = families.find(family);
  return found == families.end() ? "" : Find(found->second, option);
}

std::string OptionsFile::OfDatabase(const std::string& option) const {
  return Unescape(Find(db, option));
}

}  // namespace rocksdb_live
