// SPDX-License-Identifier: Apache-2.0
// Composing the page out of tables and charts.
#include "flows/report/page.hpp"

#include <fmt/format.h>

#include <cmath>

#include "flows/report/charts.hpp"
#include "flows/report/headline.hpp"
#include "flows/report/markup.hpp"
#include "flows/report/numbers.hpp"
#include "flows/report/sheet.hpp"
#include "flows/report/svg.hpp"
#include "flows/report/tables.hpp"

namespace hasse::report {
namespace {

/// One design on the page: its documents and the prefix of its ids.
struct Chapter {
  const Documents& documents;
  std::string id;
};

Element section(const Chapter& chapter, std::string_view key, std::string_view heading) {
  const std::string id = fmt::format("{}-{}-heading", chapter.id, key);
  Element out("section");
  out.set("aria-labelledby", id);
  out.add(tagged("h3", heading).set("id", id));
  return out;
}

/// Stands where a section's data is missing: which command makes it.
Element missing(const Chapter& chapter, const std::string& verb, std::string_view what) {
  Element note("p");
  note.set("class", "empty").text(fmt::format("No {} yet: ", what));
  note.add(tagged("code", command(chapter.documents, verb)));
  return note.text(" makes it.");
}

Element figure(Element chart, std::string_view caption, std::string_view cls) {
  Element out("figure");
  out.set("class", cls).add(scrolling(std::move(chart)));
  if (!caption.empty()) out.add(tagged("figcaption", caption));
  return out;
}

std::optional<Field> part(const std::optional<Field>& document, std::string_view key) {
  return document ? document->find(key) : std::nullopt;
}

std::string graph_words(const Subtile& subtile) {
  std::string words = fmt::format(
      "Each disc is a partial sum over the {} activation rows of one K-tile, and one edge up costs "
      "one addition. Bold edges are the forest the prefix lanes followed. Size is how many "
      "TransRows read the node.",
      subtile.tile_bits);
  if (subtile.mirrored()) {
    words += " The lattice is mirrored: a code and its complement share a node and differ in sign.";
  }
  return words;
}

Element graph_section(const Chapter& chapter) {
  Element out = section(chapter, "graph", "The Hasse graph of one sub-tile");
  const std::optional<Field> field = part(chapter.documents.verify, "subtile");
  if (!field) return out.add(missing(chapter, "verify", "sub-tile"));
  const Subtile subtile = read_subtile(*field);
  out.add(tagged("p", graph_words(subtile), "note"));
  Element chart = draw_hasse_graph(subtile, chapter.id + "-graph");
  out.add(figure(std::move(chart), "Rest on a node for its code, parent, lane, step and reads.",
                 "graph"));
  return out.add(folded("Every node as a table", nodes_table(subtile)));
}

Element occupation_section(const Chapter& chapter) {
  Element out = section(chapter, "occupation", "Lane occupation");
  const std::optional<Field> field = part(chapter.documents.verify, "occupation");
  if (!field) return out.add(missing(chapter, "verify", "lane occupation"));
  Element chart = draw_occupation(read_occupation(*field), chapter.id + "-occupation");
  return out.add(figure(
      std::move(chart),
      "One row a lane, filled where it works; on the right the share of this window.", "wide"));
}

/// Says so when the shares do not add up to the cycles of the run.
std::string remainder(double sum, std::optional<std::int64_t> cycles) {
  if (!cycles || sum == static_cast<double>(*cycles)) return "";
  return fmt::format("The shares add up to {} of the run's {}; percentages are of the run.",
                     whole(std::llround(sum)), plural(*cycles, "cycle"));
}

Element cycles_section(const Chapter& chapter) {
  Element out = section(chapter, "cycles", "Where the cycles go");
  const std::optional<Field> field = part(chapter.documents.verify, "cycle_breakdown");
  if (!field) return out.add(missing(chapter, "verify", "cycle breakdown"));
  const std::vector<Share> shares = read_cycle_breakdown(*field);
  const double sum = total(shares);
  const auto cycles = optional_count(chapter.documents.verify, "cycles");
  Element chart = draw_cycle_breakdown(shares, chapter.id + "-cycles");
  out.add(figure(std::move(chart), remainder(sum, cycles), "wide bar"));
  return out.add(cycles_table(shares, cycles ? static_cast<double>(*cycles) : sum));
}

/// What an attention engine decoded. Verified steps if there are any, else those whose energy was
/// measured.
Element steps_section(const Chapter& chapter) {
  Element out = section(chapter, "steps", "Decode steps");
  std::optional<Field> series = part(chapter.documents.verify, "series");
  if (!series) series = part(chapter.documents.power, "series");
  if (!series) return out.add(missing(chapter, "verify", "decode steps"));
  out.add(tagged("p",
                 "Outputs, lists of pages and bytes are held against the bit-true model. Energy is "
                 "of logic and its clock, memories apart, where it was measured on the same steps.",
                 "note"));
  return out.add(steps_table(*series, chapter.documents.power));
}

Element area_section(const Chapter& chapter) {
  Element out = section(chapter, "area", "Cell area by unit");
  const std::optional<Field>& synth = chapter.documents.synth;
  const std::optional<Field> field = part(synth, "area_by_unit");
  if (!field) return out.add(missing(chapter, "synth", "cell area"));
  out.add(tagged("p",
                 fmt::format("Cells mapped to {}, before placement and routing.",
                             optional_text(synth, "liberty", "the cell library")),
                 "note"));
  const double nand2 = nand2_area(synth).value_or(0.0);
  out.add(figure(draw_area(read_area_by_unit(*field), nand2, chapter.id + "-area"), "", "area"));
  if (const auto modules = synth->find("area_by_module")) {
    out.add(folded("Area by module", area_by_module_table(*modules)));
  }
  return out;
}

Element design_section(const Chapter& chapter) {
  Element out = section(chapter, "design", "The design");
  const std::optional<Field>& manifest = chapter.documents.manifest;
  if (!manifest) return out.add(missing(chapter, "generate", "manifest"));
  out.add(parameters_table(*manifest));
  if (const auto modules = manifest->find("modules")) {
    const auto count = static_cast<std::int64_t>(modules->elements().size());
    out.add(folded(plural(count, "module") + " and what each is for", modules_table(*manifest)));
  }
  return out;
}

Element tile(std::string_view name, std::string_view value, std::string_view unit,
             std::string_view cls = {}) {
  Element figure_text("dd");
  if (!cls.empty()) figure_text.set("class", cls);
  figure_text.text(value);
  if (!unit.empty()) figure_text.text(" ").add(tagged("small", unit));
  Element out("div");
  out.set("class", "tile").add(tagged("dt", name)).add(std::move(figure_text));
  return out;
}

Element exactness_tile(const Figures& f) {
  if (!f.mismatches || !f.outputs) return tile("Outputs", "not verified", "", "missing");
  const std::string of = fmt::format("of {} wrong", plural(*f.outputs, "output"));
  if (*f.mismatches == 0 && *f.outputs > 0) return tile("Outputs exact", "0", of, "good");
  return tile("Outputs NOT exact", whole(*f.mismatches), of, "bad");
}

Element tiles(const Documents& documents) {
  const Figures f = figures(documents);
  Element out("dl");
  out.set("class", "tiles");
  out.add(exactness_tile(f));
  if (const auto ratio = f.subtile_ratio()) {
    out.add(tile("Sub-tile against the bound", fmt::format("{:.3f} ×", *ratio),
                 fmt::format("{} cycles against {}", significant(*f.subtile_cycles),
                             significant(*f.subtile_bound))));
  }
  if (f.mac_per_cycle) {
    out.add(tile("Throughput", significant(*f.mac_per_cycle), f.format() + " MAC/cycle"));
  }
  if (f.logic_per_mac()) {
    out.add(tile("Logic per MAC/cycle", significant(*f.logic_per_mac(), 4), "µm², " + f.format()));
  }
  if (f.fmax_mhz) out.add(tile("Fastest clock", significant(*f.fmax_mhz), "MHz"));
  return out;
}

/// All about one design. The figures of a design that is `alone` already stand at the top of the
/// page.
Element chapter(const Chapter& one, bool first, bool alone) {
  Element out("article");
  out.set("id", one.id);
  out.add(tagged("h2", one.documents.name(), first ? "first" : ""));
  const std::string workload = optional_text(one.documents.verify, "workload");
  out.add(Element("p")
              .set("class", "note")
              .add(tagged("code", one.documents.dir.string()))
              .text(workload.empty() ? "" : " · " + workload));
  if (!alone) out.add(tiles(one.documents));
  if (const auto wrong = part(one.documents.verify, "first_mismatches")) {
    if (!wrong->elements().empty()) out.add(mismatches_table(*wrong));
  }
  if (one.documents.multiplies()) {
    out.add(graph_section(one));
    out.add(occupation_section(one));
    out.add(cycles_section(one));
  } else {
    out.add(steps_section(one));
  }
  out.add(area_section(one));
  return out.add(design_section(one));
}

std::string title(const std::vector<Documents>& documents) {
  if (documents.size() == 1) return "Hasse report: " + documents.front().name();
  return fmt::format("Hasse report: {} designs", documents.size());
}

Element contents(const std::vector<Documents>& documents) {
  Element list("ul");
  for (std::size_t at = 0; at < documents.size(); ++at) {
    Element link = tagged("a", documents[at].name());
    list.add(Element("li").add(link.set("href", fmt::format("#d{}", at))));
  }
  Element nav("nav");
  return nav.set("aria-label", "Designs").add(std::move(list));
}

Element opening(const std::vector<Documents>& documents) {
  Element out("header");
  out.add(tagged("h1", title(documents)));
  out.add(tagged(
      "p",
      "Generated matrix-multiplication hardware without multipliers: what it computes, how fast, "
      "and what it costs. Simulated cycle by cycle, compared with the exact integer product, "
      "mapped to a real cell library.",
      "lead"));
  return out.add(documents.size() == 1 ? tiles(documents.front()) : contents(documents));
}

Element comparison(const std::vector<Documents>& documents) {
  Element out("section");
  out.set("aria-label", "Headline figures");
  out.add(tagged("h3", "Headline figures"));
  const std::vector<Row> rows = headline(documents);
  out.add(headline_table(documents, rows));
  out.add(folded("What each figure is", meanings_table(rows)));
  return out.add(folded("The commands that made these figures", commands_table(documents)));
}

}  // namespace

std::string page(const std::vector<Documents>& documents) {
  Element main("main");
  main.add(comparison(documents));
  for (std::size_t at = 0; at < documents.size(); ++at) {
    main.add(chapter({documents[at], fmt::format("d{}", at)}, at == 0, documents.size() == 1));
  }
  Element body("body");
  body.add(opening(documents)).add(std::move(main));
  body.add(tagged(
      "footer",
      "Areas and clocks are of mapped cells, before placement and routing. A dash means that "
      "the figure has not been measured, never that it is zero."));
  return html_page(title(documents), std::move(body));
}

}  // namespace hasse::report
