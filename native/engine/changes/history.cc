#include "engine/changes/history.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <random>
#include <sstream>

#include "engine/base/crc32c.h"
#include "engine/files/file_identity.h"
#include "engine/files/file_names.h"
#include "engine/files/small_files.h"
#include "rocksdb/env.h"

namespace rocksdb_live {
namespace {

constexpr char kTitle[] = "rocksdb-live changes 1";
// Tokens of older incarnations are too old.
constexpr size_t kMostIncarnations = 4096;
constexpr size_t kEpochBytes = 16;
constexpr int kTries = 100;

std::string PathIn(const std::string& directory) {
  return Under(directory, std::string(kOurPrefix) + "changes");
}

std::string TextOf(const History& history, const std::string& identity) {
  std::ostringstream text;
  text << kTitle << "\nepoch " << HexOf(history.epoch) << "\nfile " << identity << "\nfirst "
       << history.first_incarnation << "\n";
  for (const Incarnation& each : history.incarnations) {
    text << "incarnation " << each.from;
    if (each.first != each.from) text << " " << each.first;
    text << "\n";
  }
  for (const FamilyRecord& each : history.families) {
    text << "family " << static_cast<int>(each.kind) << " " << each.sequence << " " << each.id
         << " " << HexOf(each.name) << ".";
    if (!each.nature.empty()) text << " " << HexOf(each.nature);
    text << "\n";
  }
  for (const auto& [name, place] : history.places) {
    text << "place " << HexOf(name) << " " << place.at.incarnation << " " << place.at.families
         << " " << place.at.next << " " << place.most_bytes << " " << place.most_age_ms << " "
         << (place.lost ? 1 : 0) << "\n";
  }
  const std::string body = text.str();
  return body + "end " + std::to_string(crc32c::Value(body.data(), body.size())) + "\n";
}

bool ReadFamily(std::istringstream* line, History* history) {
  FamilyRecord record;
  int kind = 0;
  std::string name;
  *line >> kind >> record.sequence >> record.id >> name;
  if (line->fail() || kind < 0 || kind > 2 || name.empty()) return false;
  name.pop_back();
  record.kind = static_cast<FamilyRecord::Kind>(kind);
  if (!FromHex(name, &record.name)) return false;
  std::string nature;
  if (*line >> nature && !FromHex(nature, &record.nature)) return false;
  history->families.push_back(std::move(record));
  return true;
}

bool ReadPlace(std::istringstream* line, History* history) {
  Place place;
  std::string name;
  std::string bytes;
  *line >> name >> place.at.incarnation >> place.at.families >> place.at.next >> place.most_bytes >>
      place.most_age_ms >> place.lost;
  if (line->fail() || !FromHex(name, &bytes)) return false;
  history->places[bytes] = place;
  return true;
}

bool ReadIncarnation(std::istringstream* line, History* history) {
  Incarnation incarnation;
  if (!(*line >> incarnation.from)) return false;
  if (!(*line >> incarnation.first)) incarnation.first = incarnation.from;
  history->incarnations.push_back(incarnation);
  return true;
}

bool ReadLine(const std::string& text, History* history, std::string* identity) {
  std::istringstream line(text);
  std::string word;
  line >> word;
  if (word == "family") return ReadFamily(&line, history);
  if (word == "place") return ReadPlace(&line, history);
  if (word == "incarnation") return ReadIncarnation(&line, history);
  if (word == "epoch") {
    std::string hex;
    line >> hex;
    if (!FromHex(hex, &history->epoch) || history->epoch.size() != kEpochBytes) return false;
  } else if (word == "first") {
    line >> history->first_incarnation;
  } else if (word == "file") {
    std::getline(line >> std::ws, *identity);
  }
  return !line.fail();
}

// Returns false if the text is damaged.
bool Parse(const std::string& text, History* history, std::string* identity) {
  const size_t end = text.rfind("end ");
  if (end == std::string::npos) return false;
  if (text.substr(end) != "end " + std::to_string(crc32c::Value(text.data(), end)) + "\n") {
    return false;
  }
  std::istringstream lines(text.substr(0, end));
  std::string line;
  if (!std::getline(lines, line) || line != kTitle) return false;
  while (std::getline(lines, line)) {
    if (!ReadLine(line, history, identity)) return false;
  }
  return !history->epoch.empty() && !history->incarnations.empty();
}

}  // namespace

uint64_t History::EndOf(uint32_t incarnation) const {
  const size_t next = incarnation - first_incarnation + 1;
  return next < incarnations.size() ? incarnations[next].from
                                    : std::numeric_limits<uint64_t>::max();
}

bool History::MoveOn(Position* position) const {
  if (position->next < EndOf(position->incarnation)) return false;
  ++position->incarnation;
  const uint64_t first = incarnations[position->incarnation - first_incarnation].first;
  position->next = std::max(position->next, first);
  return true;
}

uint64_t History::NextOf(Position position) const {
  if (position.incarnation < first_incarnation) return position.next;
  while (MoveOn(&position)) continue;
  return position.next;
}

uint32_t History::IncarnationOf(uint64_t sequence) const {
  const auto before = [](uint64_t number, const Incarnation& each) { return number < each.from; };
  const auto after = std::upper_bound(incarnations.begin(), incarnations.end(), sequence, before);
  const auto index = after == incarnations.begin() ? 0 : after - incarnations.begin() - 1;
  return first_incarnation + static_cast<uint32_t>(index);
}

uint32_t History::FamiliesBefore(uint64_t sequence) const {
  uint32_t count = 0;
  while (count < families.size() && families[count].sequence <= sequence) ++count;
  return count;
}

void History::BeginIncarnation(uint64_t from, uint64_t first) {
  incarnations.push_back({from, first});
  if (incarnations.size() <= kMostIncarnations) return;
  incarnations.erase(incarnations.begin());
  ++first_incarnation;
}

History NewHistory() {
  History history;
  std::random_device random;
  while (history.epoch.size() < kEpochBytes) {
    history.epoch.push_back(static_cast<char>(random() & 0xff));
  }
  history.incarnations.push_back({});
  return history;
}

History ReadHistory(const std::string& directory) {
  const std::string path = PathIn(directory);
  // The writer, if this is a secondary's, may replace it in between.
  for (int tries = 0; tries < kTries; ++tries) {
    const std::string before = FileIdentity(path);
    std::string text;
    std::string identity;
    History history;
    const bool read = ReadWhole(path, &text) && Parse(text, &history, &identity);
    if (FileIdentity(path) != before) continue;
    return read && identity == before ? history : History();
  }
  return History();
}

Error WriteHistory(const std::string& directory, const History& history) {
  const std::string path = PathIn(directory);
  const std::string next = path + ".new";
  rocksdb::Env* const env = rocksdb::Env::Default();
  // The file names itself, so that a copy of it can be told.
  Error error = Error::From(rocksdb::WriteStringToFile(env, "", next, false));
  if (error.ok()) {
    const std::string text = TextOf(history, FileIdentity(next));
    error = Error::From(rocksdb::WriteStringToFile(env, text, next, true));
  }
  if (error.ok()) error = Error::From(env->RenameFile(next, path));
  if (error.ok()) return SyncDirectory(directory);
  env->DeleteFile(next).PermitUncheckedError();
  return error.WithContext("the history of changes in " + path);
}

void RemoveHistory(const std::string& directory) {
  rocksdb::Env::Default()->DeleteFile(PathIn(directory)).PermitUncheckedError();
}

}  // namespace rocksdb_live
