// SPDX-License-Identifier: Apache-2.0
#include "verif/unit/coverage.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <tuple>

#include "golden/tensor/file.hpp"
#include "verif/harness/toolchain.hpp"
#include "verif/harness/verilated_library.hpp"
#include "verif/unit/cover_points.hpp"

namespace hasse::unit {
namespace {

namespace fs = std::filesystem;

/// Module, digest of its text, kind, place.
using Place = std::tuple<std::string, std::string, std::string, std::string>;

constexpr const char* kCoverFile = "cover_points.sv";

/// A point as Verilator writes it: its fields by their letters, and how often it was met.
struct Point {
  std::map<std::string, std::string> fields;
  std::uint64_t met = 0;

  /// Reads "C '\x01key\x02value...' count"; nothing for other lines.
  static std::optional<Point> read(const std::string& line) {
    if (!line.starts_with("C '")) return std::nullopt;
    const std::size_t end = line.rfind('\'');
    Point point;
    point.met = std::strtoull(line.c_str() + end + 1, nullptr, 10);
    for (std::size_t at = 3; at < end;) {
      const std::size_t key = at + 1, value = line.find('\2', key) + 1,
                        next = std::min(line.find('\1', value), end);
      point.fields[line.substr(key, value - 1 - key)] = line.substr(value, next - value);
      at = next;
    }
    return point;
  }
};

/// All that a program has covered; writes it when the program ends.
class Store {
 public:
  ~Store() {
    if (met_.empty()) return;
    const fs::path file =
        *coverage_asked() / fmt::format("{}-{}.tsv", program_invocation_short_name, getpid());
    std::ofstream out(file);
    for (const auto& [place, met] : met_) {
      const auto& [module, digest, kind, where] = place;
      out << fmt::format("{}\t{}\t{}\t{}\t{}\n", module, digest, kind, where, met);
    }
  }

  /// `digests` are those of modules that have been asked for.
  void add(const Point& point, const harness::RtlSource& source,
           std::map<std::string, std::string>& digests) {
    const std::string page = point.fields.at("page");  // "v_toggle/module"
    const std::size_t slash = page.find('/');
    const std::string kind = page.substr(2, slash - 2);
    if (kind == "user") {
      met_[{"", "", "cover", page.substr(slash + 1)}] += point.met;
      return;
    }
    const std::string file = fs::path(point.fields.at("f")).filename().string(),
                      module = fs::path(file).stem().string();
    if (file == kCoverFile) return;
    const auto [known, fresh] = digests.try_emplace(module);
    if (fresh) known->second = digest(module, source);
    met_[{module, known->second, kind,
          fmt::format("{}:{} {}", point.fields.at("l"), point.fields.at("n"),
                      point.fields.at("o"))}] += point.met;
  }

 private:
  /// Of the text of a module of `source`; parameters do not tell emissions apart.
  static std::string digest(const std::string& module, const harness::RtlSource& source) {
    for (const std::string& file : source.files)
      if (fs::path(file).stem() == module)
        return harness::digest({source.root, {file}, "", {}}, "");
    return "";
  }

  std::map<Place, std::uint64_t> met_;
};

Store& store() {
  static Store all;
  return all;
}

}  // namespace

std::optional<fs::path> coverage_asked() {
  const char* folder = std::getenv("HASSE_COVERAGE");
  if (folder == nullptr) return std::nullopt;
  return folder;
}

fs::path build_covered(const harness::RtlSource& source) {
  const harness::Workspace folder(harness::default_cache());
  harness::BuildOptions options;
  options.coverage = true;
  // Modules that are inlined are counted once per place: twice the code for two units of an array.
  options.verilator_flags.emplace_back("-fno-inline");
  options.lint = false;  // Of the points' widths; emitted text is linted without them.
  return harness::VerilatedLibrary::build(with_cover_points(source, folder.path() / kCoverFile),
                                          options)
      .object;
}

void collect_coverage(const harness::Model& model, const harness::RtlSource& source) {
  if (!coverage_asked()) return;
  const harness::Workspace folder(harness::default_cache());
  const fs::path file = folder.path() / "coverage.dat";
  if (!model.write_coverage(file)) return;
  std::ifstream lines(file);
  std::map<std::string, std::string> digests;
  for (std::string line; std::getline(lines, line);)
    if (const std::optional<Point> point = Point::read(line)) store().add(*point, source, digests);
}

}  // namespace hasse::unit
