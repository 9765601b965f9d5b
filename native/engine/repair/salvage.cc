#include "engine/repair/salvage.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <tuple>
#include <vector>

#include "engine/files/file_names.h"
#include "engine/files/log_file.h"
#include "engine/files/small_files.h"

namespace rocksdb_live {
namespace {

namespace fs = std::filesystem;

// A row in the spool.
struct Row {
  uint64_t sequence;
  uint64_t at;
  uint32_t size;
};

// The entry's tag in a batch (db/dbformat.h, the types with a family); 0 if it has none.
unsigned TagOf(rocksdb::EntryType type) {
  switch (type) {
    case rocksdb::kEntryPut:
      return 0x5;
    case rocksdb::kEntryDelete:
      return 0x4;
    case rocksdb::kEntrySingleDelete:
      return 0x8;
    case rocksdb::kEntryMerge:
      return 0x6;
    case rocksdb::kEntryBlobIndex:
      return 0x10;
    case rocksdb::kEntryWideColumnEntity:
      return 0x17;
    default:
      return 0;
  }
}

// Compactions set the sequence number of rows with nothing older below them to 0. Alone in a
// memtable, a row with number 0 would not count as a row. Every newer row has a number above 1.
uint64_t SequenceOf(const rocksdb::ParsedEntryInfo& entry) {
  return std::max<uint64_t>(entry.sequence, 1);
}

std::string BatchOf(uint32_t family, const rocksdb::ParsedEntryInfo& entry,
                    const rocksdb::Slice& value) {
  std::string batch;
  PutFixed(&batch, SequenceOf(entry), 8);
  PutFixed(&batch, 1, 4);
  PutFixed(&batch, TagOf(entry.type), 1);
  PutVarint(&batch, family);
  PutString(&batch, entry.user_key.ToStringView());
  const bool alone =
      entry.type == rocksdb::kEntryDelete || entry.type == rocksdb::kEntrySingleDelete;
  if (!alone) PutString(&batch, value.ToStringView());
  return batch;
}

bool WriteWal(const std::string& spool, const std::vector<Row>& rows, const std::string& path) {
  constexpr size_t kPiece = 1 << 20;
  std::ifstream in(fs::u8path(spool), std::ios::binary);
  std::ofstream out(fs::u8path(path), std::ios::binary | std::ios::trunc);
  std::string text;
  LogFileWriter writer(&text);
  std::string batch;
  for (const Row& row : rows) {
    batch.resize(row.size);
    in.seekg(static_cast<std::streamoff>(row.at));
    in.read(batch.data(), row.size);
    if (static_cast<uint32_t>(in.gcount()) != row.size) return false;
    writer.Add(batch);
    if (text.size() < kPiece) continue;
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    text.clear();
  }
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  return !out.fail();
}

}  // namespace

Salvaged SalvageToWal(const RepairPlan& plan, const std::string& spool,
                      const std::string& wal_path) {
  Salvaged salvaged;
  std::vector<Row> rows;
  std::ofstream out(fs::u8path(spool), std::ios::binary | std::ios::trunc);
  uint64_t at = 0;
  for (const LostTable& lost : plan.lost) {
    if (!lost.there) continue;
    uint32_t family = plan.manifest.tables.at(lost.number).family;
    const std::string path = Under(plan.path, NumberedName(lost.number, ".sst"));
    TableFacts facts;
    const Error read = ReadTableProperties(plan.TableOptions(family), path, &facts);
    // It may be another one's, under a wrong name: its rows belong where it says.
    if (read.ok() && facts.says_family) family = facts.family;
    uint64_t found = 0;
    if (plan.manifest.families.count(family) == 0) {
      salvaged.lost_rows += facts.rows;
      continue;
    }
    SalvageTable(plan.TableOptions(family), path,
                 [&](const rocksdb::ParsedEntryInfo& entry, const rocksdb::Slice& value) {
                   if (TagOf(entry.type) == 0) return;
                   const std::string batch = BatchOf(family, entry, value);
                   out.write(batch.data(), static_cast<std::streamsize>(batch.size()));
                   rows.push_back({SequenceOf(entry), at, static_cast<uint32_t>(batch.size())});
                   at += batch.size();
                   ++found;
                 });
    salvaged.rows += found;
    salvaged.lost_rows += facts.rows > found ? facts.rows - found : 0;
    salvaged.lost_range_deletions += facts.range_deletions;
    if (found != 0) salvaged.families.insert(family);
  }
  out.close();
  // RocksDB refuses a WAL whose sequence numbers decrease. Rows of one number keep their order.
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.sequence, a.at) < std::tie(b.sequence, b.at);
  });
  const bool written = !out.fail() && (rows.empty() || WriteWal(spool, rows, wal_path));
  if (!written) salvaged.error = "cannot write " + wal_path + ": is the disk full?";
  std::error_code ignored;
  fs::remove(fs::u8path(spool), ignored);
  return salvaged;
}

}  // namespace rocksdb_live
