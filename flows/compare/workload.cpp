// SPDX-License-Identifier: Apache-2.0
#include "flows/compare/workload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "flows/evaluate/evaluation.hpp"
#include "flows/report/documents.hpp"

namespace hasse::compare {
namespace {

namespace fs = std::filesystem;
using report::Field;

/// A path relative to `folder`; it has to exist.
fs::path existing(const Field& field, const fs::path& folder) {
  fs::path path = folder / field.text();
  if (!fs::exists(path)) field.fail("a file that exists");
  return path;
}

predict::Shapes shapes_of(const Field& root, const fs::path& folder) {
  const std::optional<Field> preset = root.find("preset"), shapes = root.find("shapes");
  if (preset && shapes) shapes->fail("no member beside \"preset\"");
  if (shapes) return predict::load_shapes(existing(*shapes, folder));
  const Field name = root.at("preset");
  const std::optional<predict::Shapes> known = predict::preset(name.text());
  if (!known) name.fail(fmt::format("one of {}", fmt::join(predict::preset_names(), ", ")));
  return *known;
}

std::string method_of(const Field& field) {
  const std::vector<std::string> names = evaluate::method_names();
  if (std::find(names.begin(), names.end(), field.text()) == names.end())
    field.fail(fmt::format("one of {}", fmt::join(names, ", ")));
  return field.text();
}

/// A name becomes a folder.
std::string name_of(const Field& field) {
  const std::string name = field.text();
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  if (name.empty() || !std::all_of(name.begin(), name.end(), plain))
    field.fail("a name of letters, digits, _ and -");
  return name;
}

Contender read_contender(const Field& field, const fs::path& folder) {
  field.expect_members({"name", "design", "weight_bits", "accuracy"});
  Contender contender;
  contender.design = existing(field.at("design"), folder);
  const std::optional<Field> name = field.find("name"), accuracy = field.find("accuracy");
  contender.name = name ? name_of(*name) : contender.design.stem().string();
  contender.weight_bits = static_cast<int>(field.at("weight_bits").integer(2, 8));
  if (accuracy) contender.accuracy = method_of(*accuracy);
  return contender;
}

void add_contenders(Workload& workload, const Field& list, const fs::path& folder) {
  for (const Field& field : list.elements()) {
    Contender contender = read_contender(field, folder);
    for (const Contender& other : workload.contenders)
      if (other.name == contender.name)
        field.fail(fmt::format("a name other than {}, which is taken", contender.name));
    workload.contenders.push_back(std::move(contender));
  }
  if (workload.contenders.empty()) list.fail("at least one design");
}

}  // namespace

Workload load_workload(const fs::path& path) {
  const Field root = report::read_object(path);
  root.expect_members(
      {"name", "preset", "shapes", "clock_ns", "liberty", "text", "reference", "designs"});
  const fs::path folder = path.parent_path();
  Workload workload;
  const std::optional<Field> name = root.find("name"), clock = root.find("clock_ns"),
                             liberty = root.find("liberty"), text = root.find("text"),
                             reference = root.find("reference");
  workload.name = name ? name->text() : path.stem().string();
  workload.shapes = shapes_of(root, folder);
  if (clock) workload.clock_ns = clock->number();
  if (clock && *workload.clock_ns <= 0) clock->fail("a time above 0");
  if (liberty) workload.liberty = existing(*liberty, folder);
  if (text) workload.text = existing(*text, folder);
  add_contenders(workload, root.at("designs"), folder);
  workload.reference = reference ? reference->text() : workload.contenders.front().name;
  const auto is_reference = [&](const Contender& c) { return c.name == workload.reference; };
  if (std::none_of(workload.contenders.begin(), workload.contenders.end(), is_reference))
    root.at("reference").fail("the name of one of the designs");
  return workload;
}

}  // namespace hasse::compare
