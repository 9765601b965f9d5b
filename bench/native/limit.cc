// The native limit: the benchmark's workloads as C++ loops on the RocksDB that the addon links.
// bench/run.mjs calls it; it prints one line of JSON. `--self-check` prints the generator's
// checksum.
#include <cstdio>
#include <cstdlib>

#include "session.h"

namespace bench {
namespace {

class Arguments {
 public:
  Arguments(int count, char** words) {
    for (int i = 1; i + 1 < count; i += 2) map_[words[i]] = words[i + 1];
  }

  std::string Text(const std::string& name) const {
    const auto found = map_.find("--" + name);
    if (found == map_.end()) Fail("--" + name + " is missing");
    return found->second;
  }

  uint64_t Number(const std::string& name) const {
    return std::strtoull(Text(name).c_str(), nullptr, 10);
  }

  bool Flag(const std::string& name) const { return Number(name) != 0; }

 private:
  std::map<std::string, std::string> map_;
};

// One of `--run id=kind:ops,…`.
struct Row {
  std::string id;
  std::string kind;
  uint64_t ops;
};

std::vector<Row> ParseRows(const std::string& text) {
  std::vector<Row> rows;
  size_t from = 0;
  while (from < text.size()) {
    const size_t to = std::min(text.find(',', from), text.size());
    const std::string part = text.substr(from, to - from);
    const size_t equals = part.find('=');
    const size_t colon = part.rfind(':');
    if (equals == std::string::npos || colon == std::string::npos) Fail("not a workload: " + part);
    rows.push_back({part.substr(0, equals), part.substr(equals + 1, colon - equals - 1),
                    std::strtoull(part.c_str() + colon + 1, nullptr, 10)});
    from = to + 1;
  }
  return rows;
}

// FNV-1a over keys of both kinds, values of both kinds, both orders and pairs of accounts.
uint32_t SelfCheck(uint32_t n) {
  uint32_t hash = 0x811c9dc5;
  const auto add = [&hash](const char* bytes, size_t size) {
    for (size_t i = 0; i < size; ++i) hash = (hash ^ static_cast<uint8_t>(bytes[i])) * 0x01000193u;
  };
  const Values plain(100, false);
  const Values compressible(100, true);
  const auto reads = Shuffled(n, kReadSeed);
  const auto writes = Shuffled(n, kWriteSeed);
  char key[kKeySize];
  for (uint32_t i = 0; i < n; ++i) {
    for (const bool sequential : {true, false}) {
      WriteKey(i, sequential, key);
      add(key, kKeySize);
    }
    add(plain[i].data(), plain.size());
    add(compressible[i].data(), compressible.size());
    WriteHex(reads[i], key);
    WriteHex(writes[i], key + 8);
    add(key, kKeySize);
    const AccountPair pair = PairOf(i, 1000);
    WriteHex(pair.from, key);
    WriteHex(pair.to, key + 8);
    add(key, kKeySize);
  }
  return hash;
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string Json(const OptionSections& sections) {
  std::string out = "{";
  for (const auto& section : sections) {
    out += (out.size() > 1 ? "," : "") + Quoted(section.first) + ":{";
    bool first = true;
    for (const auto& option : section.second) {
      out += (first ? "" : ",") + Quoted(option.first) + ":" + Quoted(option.second);
      first = false;
    }
    out += "}";
  }
  return out + "}";
}

std::string Json(const Figure& figure) {
  char text[120];
  std::snprintf(text, sizeof(text), "{\"ops\":%llu,\"ns\":%lld,\"value\":%.6f}",
                static_cast<unsigned long long>(figure.ops), static_cast<long long>(figure.ns),
                figure.value);
  return text;
}

void Run(const Arguments& arguments) {
  Session session{arguments.Text("directory"),
                  {ReadOptionsFile(arguments.Text("options")), arguments.Flag("wal"),
                   static_cast<int>(arguments.Number("families"))},
                  static_cast<uint32_t>(arguments.Number("rows")),
                  Values(arguments.Number("value-size"), arguments.Flag("compressible")),
                  arguments.Flag("read-once"),
                  arguments.Flag("reopen")};
  std::string figures;
  const auto note = [&figures](const Row& row, const Figure& figure) {
    figures += (figures.empty() ? "" : ",") + Quoted(row.id) + ":" + Json(figure);
  };
  const std::vector<Row> rows = ParseRows(arguments.Text("run"));
  OptionSections options;
  if (arguments.Flag("loaded")) {
    const auto db = OpenLoaded(session);
    options = db->Options();
    for (const Row& row : rows) note(row, RunLoaded(session, *db, row.kind, row.ops));
  } else {
    for (const Row& row : rows) note(row, RunFresh(session, row.kind, row.ops));
    options = Database(session.directory + "/db", session.settings).Options();
  }
  std::printf("{\"rows\":{%s},\"options\":%s}\n", figures.c_str(), Json(options).c_str());
}

}  // namespace
}  // namespace bench

int main(int count, char** words) {
  if (count == 3 && std::string(words[1]) == "--self-check") {
    std::printf("%08x\n", bench::SelfCheck(static_cast<uint32_t>(std::atoi(words[2]))));
    return 0;
  }
  bench::Run(bench::Arguments(count, words));
  return 0;
}
