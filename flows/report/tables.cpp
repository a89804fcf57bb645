// SPDX-License-Identifier: Apache-2.0
// Building the tables of the page.
#include "flows/report/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "flows/report/numbers.hpp"

namespace hasse::report {
namespace {

/// Up to this many designs, the meaning of a figure stands in its row.
constexpr std::size_t kMeaningBeside = 2;

/// A heading and whether its column holds numbers.
struct Column {
  std::string_view name;
  bool numeric = false;
};

/// A table grown row by row; the first cell of a row is its heading.
class Table {
 public:
  Table(std::string_view caption, std::vector<Column> columns) : columns_(std::move(columns)) {
    if (!caption.empty()) table_.add(tagged("caption", caption));
    Element row("tr");
    for (const Column& column : columns_) {
      row.add(tagged("th", column.name, column.numeric ? "num" : "").set("scope", "col"));
    }
    table_.add(Element("thead").add(std::move(row)));
  }

  void row(const std::vector<std::string>& cells) {
    Element row("tr");
    for (std::size_t at = 0; at < cells.size(); ++at) {
      const std::string_view cls = columns_[at].numeric ? "num" : "";
      Element cell = tagged(at == 0 ? "th" : "td", cells[at], cls);
      if (at == 0) cell.set("scope", "row");
      row.add(std::move(cell));
    }
    body_.add(std::move(row));
  }

  Element take() {
    table_.add(std::move(body_));
    return scrolling(std::move(table_));
  }

 private:
  std::vector<Column> columns_;
  Element table_{"table"};
  Element body_{"tbody"};
};

std::string tone_class(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "num good";
    case Tone::kBad:
      return "num bad";
    case Tone::kMissing:
      return "num missing";
    case Tone::kPlain:
      break;
  }
  return "num";
}

Element headline_row(const Row& row, bool with_meaning) {
  Element line("tr");
  if (row.key) line.set("class", "key");
  line.add(tagged("th", row.label).set("scope", "row"));
  for (const Cell& cell : row.cells) line.add(tagged("td", cell.text, tone_class(cell.tone)));
  line.add(tagged("td", row.unit, "unit"));
  if (!with_meaning) return line;
  line.add(tagged("td", row.meaning, "note hint"));
  line.add(Element("td").set("class", "hint").add(tagged("code", "hasse " + row.verb)));
  return line;
}

/// A scalar as the design file would show it, without quotes around strings.
std::string plain(const Field& field) {
  const nlohmann::json& value = field.value();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return whole(field.value().get<std::int64_t>());
  return value.dump();
}

}  // namespace

Element scrolling(Element content) {
  Element div("div");
  div.set("class", "scroll").set("tabindex", "0").add(std::move(content));
  return div;
}

Element folded(std::string_view summary, Element content) {
  Element details("details");
  details.add(tagged("summary", summary)).add(std::move(content));
  return details;
}

Element headline_table(const std::vector<Documents>& documents, const std::vector<Row>& rows) {
  Element head("tr");
  head.add(tagged("th", "Figure").set("scope", "col"));
  for (const Documents& one : documents) {
    head.add(tagged("th", one.name(), "num").set("scope", "col"));
  }
  head.add(tagged("th", "Unit").set("scope", "col"));
  const bool with_meaning = documents.size() <= kMeaningBeside;
  if (with_meaning) {
    head.add(tagged("th", "What it is", "hint").set("scope", "col"));
    head.add(tagged("th", "Measured by", "hint").set("scope", "col"));
  }
  Element body("tbody");
  for (const Row& row : rows) body.add(headline_row(row, with_meaning));
  Element table("table");
  table.add(Element("thead").add(std::move(head))).add(std::move(body));
  return scrolling(std::move(table));
}

Element meanings_table(const std::vector<Row>& rows) {
  Table table("", {{"Figure"}, {"What it is"}, {"Measured by"}});
  for (const Row& row : rows) table.row({row.label, row.meaning, "hasse " + row.verb});
  return table.take();
}

Element commands_table(const std::vector<Documents>& documents) {
  Table table("", {{"Design"}, {"Step"}, {"Command"}, {"Result"}});
  for (const Documents& one : documents) {
    const auto line = [&](const std::string& verb, bool done) {
      table.row({one.name(), verb, command(one, verb), done ? "read" : "not run yet"});
    };
    line("generate", one.manifest.has_value());
    line("verify", one.verify.has_value());
    line("synth", one.synth.has_value());
    line("power", one.power.has_value());
  }
  return table.take();
}

Element mismatches_table(const Field& first_mismatches) {
  Table table("The first wrong outputs",
              {{"Row", true}, {"Column", true}, {"Expected", true}, {"Found", true}});
  for (const Field& wrong : first_mismatches.elements()) {
    table.row({plain(wrong.at("row")), plain(wrong.at("column")), plain(wrong.at("expected")),
               plain(wrong.at("actual"))});
  }
  return table.take();
}

namespace {

/// The mean over the steps of a series of the number `key`, in the member `within` if that is
/// given.
double mean_of_steps(const Field& series, std::string_view key, std::string_view within = {}) {
  double sum = 0;
  const std::vector<Field> steps = series.at("steps").elements();
  for (const Field& step : steps)
    sum += (within.empty() ? step : step.at(within)).at(key).quantity();
  return steps.empty() ? 0 : sum / static_cast<double>(steps.size());
}

/// The series of `power` that has the name and the tokens of `series`.
std::optional<Field> namesake(const std::optional<Field>& power, const Field& series) {
  const std::optional<Field> all = power ? power->find("series") : std::nullopt;
  if (!all) return std::nullopt;
  for (const Field& one : all->elements())
    if (one.at("name").text() == series.at("name").text() &&
        mean_of_steps(one, "tokens") == mean_of_steps(series, "tokens"))
      return one;
  return std::nullopt;
}

std::string quantity_of(const std::optional<Field>& series, std::string_view key) {
  const std::optional<double> value = optional_quantity(series, key);
  return value ? significant(*value, 4) : "–";
}

}  // namespace

Element steps_table(const Field& series, const std::optional<Field>& power) {
  Table table("", {{"What the query heads read"},
                   {"Steps", true},
                   {"Cycles", true},
                   {"Pages of keys", true},
                   {"Pages of values", true},
                   {"Tokens kept", true},
                   {"Bytes", true},
                   {"Of dense", true},
                   {"µJ a step", true},
                   {"pJ a token of the list", true},
                   {"pJ a chosen page", true}});
  for (const Field& one : series.elements()) {
    const double bytes = mean_of_steps(one, "all", "bytes");
    const std::optional<Field> energy = namesake(power, one);
    const auto mean = [&](std::string_view key) { return mean_of_steps(one, key); };
    const auto rounded = [](double value) { return whole(std::llround(value)); };
    table.row({fmt::format("{}, KV{}", one.at("name").text(), one.at("kv_bits").count()),
               whole(static_cast<std::int64_t>(one.at("steps").elements().size())),
               rounded(mean("cycles")), fmt::format("{:.1f}", mean("pages")),
               fmt::format("{:.1f}", mean("value_pages")),
               fmt::format("{:.1f}", mean("tokens_kept")), rounded(bytes),
               percent(bytes / mean("bytes_dense")), quantity_of(energy, "uj_per_step"),
               quantity_of(energy, "pj_per_attended_token"),
               quantity_of(energy, "pj_per_selected_page")});
  }
  return table.take();
}

Element nodes_table(const Subtile& subtile) {
  std::vector<Column> columns{
      {"Code"}, {"Parent"}, {"Lane", true}, {"Step", true}, {"Reads", true}};
  if (subtile.mirrored()) columns.push_back({"Mirrored reads", true});
  Table table("", columns);
  for (const LatticeNode& node : subtile.nodes) {
    const auto parent = static_cast<std::uint64_t>(std::max<std::int64_t>(node.parent, 0));
    std::vector<std::string> cells{binary(node.code, subtile.dimension),
                                   node.parent < 0 ? "root" : binary(parent, subtile.dimension),
                                   whole(node.lane), whole(node.step), whole(node.uses)};
    if (subtile.mirrored()) cells.push_back(whole(node.uses_mirrored));
    table.row(cells);
  }
  return table.take();
}

Element cycles_table(const std::vector<Share>& shares, double cycles) {
  Element body("tbody");
  for (std::size_t at = 0; at < shares.size(); ++at) {
    Element swatch("svg");
    swatch.set("class", "chart swatch").set("viewBox", "0 0 12 12").set("aria-hidden", "true");
    swatch.add(Element("rect")
                   .set("class", fmt::format("c{}", at % 8))
                   .set("width", 12)
                   .set("height", 12));
    Element name("th");
    name.set("scope", "row").add(std::move(swatch)).text(spoken(shares[at].name));
    Element row("tr");
    row.add(std::move(name));
    row.add(tagged("td", whole(static_cast<std::int64_t>(shares[at].value)), "num"));
    row.add(tagged("td", cycles > 0 ? percent(shares[at].value / cycles) : "–", "num"));
    body.add(std::move(row));
  }
  Element head("tr");
  head.add(tagged("th", "Spent on").set("scope", "col"));
  head.add(tagged("th", "Cycles", "num").set("scope", "col"));
  head.add(tagged("th", "Share", "num").set("scope", "col"));
  Element table("table");
  table.add(Element("thead").add(std::move(head))).add(std::move(body));
  return scrolling(std::move(table));
}

Element area_by_module_table(const Field& area_by_module) {
  std::vector<Field> modules = area_by_module.elements();
  std::ranges::stable_sort(modules, std::greater{},
                           [](const Field& module) { return module.at("total_um2").quantity(); });
  Table table("", {{"Module"},
                   {"Unit"},
                   {"Instances", true},
                   {"Cells", true},
                   {"One, µm²", true},
                   {"With what is inside, µm²", true},
                   {"All, µm²", true}});
  for (const Field& module : modules) {
    table.row({module.at("name").text(), spoken(module.at("unit").text()),
               whole(module.at("instances").count()), whole(module.at("cells").count()),
               significant(module.at("area_um2").quantity()),
               significant(module.find("global_um2") ? module.at("global_um2").quantity()
                                                     : module.at("area_um2").quantity()),
               significant(module.at("total_um2").quantity())});
  }
  return table.take();
}

namespace {

/// A row per value of `object`; values of objects inside it carry both names.
void add_values(Table& table, const Field& object, const std::string& within = "") {
  for (const auto& [name, value] : object.members()) {
    if (value.value().is_object())
      add_values(table, value, within + spoken(name) + " ");
    else
      table.row({within + spoken(name), plain(value)});
  }
}

}  // namespace

Element parameters_table(const Field& manifest) {
  Element columns("div");
  columns.set("class", "columns");
  const auto add = [&](std::string_view key, std::string_view caption) {
    const std::optional<Field> object = manifest.find(key);
    if (!object) return;
    Table table(caption, {{"Name"}, {"Value", true}});
    add_values(table, *object);
    columns.add(table.take());
  };
  add("design", "Chosen in the design file, or its defaults");
  add("derived", "Derived from these");
  add("memory", "Of the memory, in words of it");
  return columns;
}

Element modules_table(const Field& manifest) {
  Table table("", {{"Module"}, {"Unit"}, {"File"}, {"Purpose"}});
  for (const Field& module : manifest.at("modules").elements()) {
    table.row({module.at("name").text(), spoken(optional_text(module, "unit")),
               optional_text(module, "file"), optional_text(module, "doc")});
  }
  return table.take();
}

}  // namespace hasse::report
