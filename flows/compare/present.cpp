// SPDX-License-Identifier: Apache-2.0
// A comparison as JSON, as a table for a terminal and as a page.
#include <fmt/format.h>

#include <cmath>

#include "flows/compare/comparison.hpp"
#include "flows/report/bars.hpp"
#include "flows/report/numbers.hpp"
#include "flows/report/sheet.hpp"
#include "flows/report/tables.hpp"

namespace hasse::compare {
namespace {

using report::Element;
using report::tagged;

/// One column of the table.
struct Column {
  std::string title;
  std::string (*text)(const Comparison&, const DesignResult&);
};

const Column kColumns[] = {
    {"format", [](const Comparison&, const DesignResult& d) { return d.format; }},
    {"wrong",
     [](const Comparison&, const DesignResult& d) {
       return fmt::format("{}, gates {}", d.mismatches, d.gate_mismatches);
     }},
    {"MAC/cycle", [](const Comparison&,
                     const DesignResult& d) { return fmt::format("{:.1f}", d.mac_per_cycle); }},
    {"busy",
     [](const Comparison&, const DesignResult& d) { return report::percent(d.utilisation); }},
    {"logic mm2",
     [](const Comparison&, const DesignResult& d) {
       return fmt::format("{:.2f}", d.area_logic_um2 * 1e-6);
     }},
    {"memory mm2",
     [](const Comparison&, const DesignResult& d) {
       return fmt::format("{:.2f}", d.area_memory_um2 * 1e-6);
     }},
    {"MHz",
     [](const Comparison& c, const DesignResult& d) {
       const std::string fmax = d.fmax_mhz ? fmt::format("{:.1f}", *d.fmax_mhz) : "-";
       return c.meets_clock(d) ? fmax : fmax + ", late";
     }},
    {"um2/MAC/cycle",
     [](const Comparison&, const DesignResult& d) {
       return report::whole(std::llround(d.um2_per_mac()));
     }},
    {"MAC/cycle/mm2",
     [](const Comparison&, const DesignResult& d) {
       return fmt::format("{:.1f}", d.mac_per_cycle_per_mm2());
     }},
    {"advantage", [](const Comparison& c,
                     const DesignResult& d) { return fmt::format("{:.2f}", c.advantage(d)); }},
    {"pJ/MAC",
     [](const Comparison&, const DesignResult& d) { return fmt::format("{:.2f}", d.pj_per_mac); }},
    {"energy", [](const Comparison& c,
                  const DesignResult& d) { return fmt::format("{:.2f}", c.energy_advantage(d)); }},
    {"memory pJ/MAC",
     [](const Comparison&, const DesignResult& d) {
       return fmt::format("{:.2f}", d.memory_pj_per_mac);
     }},
    {"EDP pJ ns", [](const Comparison& c,
                     const DesignResult& d) { return fmt::format("{:.5f}", d.edp(c.clock_ns)); }},
    {"bits/byte",
     [](const Comparison&, const DesignResult& d) {
       return d.bits_per_byte ? fmt::format("{:.4f}", *d.bits_per_byte) : "-";
     }},
};

std::string conditions(const Comparison& comparison) {
  std::string text = fmt::format("{}; {}, {:.2f} ns, pre-layout", comparison.shapes,
                                 comparison.liberty, comparison.clock_ns);
  if (comparison.float_bits_per_byte)
    text += fmt::format("; float has {:.4f} bits per byte on {}", *comparison.float_bits_per_byte,
                        comparison.text);
  return text;
}

std::string advantage_text(const Comparison& comparison) {
  return fmt::format(
      "advantage: MAC/cycle/mm2 of {} over the row's; energy: the row's pJ/MAC over {}'s; logic "
      "only. "
      "Energy is of the netlist's own switching on real weights and activations, without glitches.",
      comparison.reference, comparison.reference);
}

Element html_table(const Comparison& comparison) {
  Element head("tr");
  head.add(tagged("th", "design"));
  for (const Column& column : kColumns) head.add(tagged("th", column.title, "num"));
  Element body("tbody");
  for (const DesignResult& design : comparison.designs) {
    Element row("tr");
    row.add(tagged("th", design.contender.name));
    for (const Column& column : kColumns)
      row.add(tagged("td", column.text(comparison, design), "num"));
    body.add(std::move(row));
  }
  Element table("table");
  table.add(Element("thead").add(std::move(head))).add(std::move(body));
  return report::scrolling(std::move(table));
}

Element figure(Element drawing) {
  return Element("figure").add(std::move(drawing));
}

Element area_plot(const Comparison& comparison) {
  std::vector<report::Bar> bars;
  for (const DesignResult& design : comparison.designs)
    bars.push_back({design.contender.name, design.um2_per_mac(),
                    fmt::format("{} ({:.2f}x)", report::whole(std::llround(design.um2_per_mac())),
                                comparison.advantage(design)),
                    fmt::format("{}: {:.2f} mm2 of logic, {:.1f} MAC/cycle", design.format,
                                design.area_logic_um2 * 1e-6, design.mac_per_cycle)});
  return report::draw_bars("area", "Logic, um2 per MAC and cycle",
                           "One bar for each design; shorter is better.", bars);
}

Element energy_plot(const Comparison& comparison) {
  std::vector<report::Bar> bars;
  for (const DesignResult& design : comparison.designs)
    bars.push_back(
        {design.contender.name, design.pj_per_mac,
         fmt::format("{:.2f} ({:.2f}x)", design.pj_per_mac, comparison.energy_advantage(design)),
         fmt::format("{}: memories {:.2f} pJ per MAC more", design.format,
                     design.memory_pj_per_mac)});
  return report::draw_bars("energy", "Logic, pJ per MAC",
                           "One bar for each design; shorter is better.", bars);
}

Element accuracy_plot(const Comparison& comparison) {
  std::vector<report::Bar> bars = {{"float", *comparison.float_bits_per_byte,
                                    fmt::format("{:.4f}", *comparison.float_bits_per_byte),
                                    "Not quantised."}};
  for (const DesignResult& design : comparison.designs)
    if (design.bits_per_byte)
      bars.push_back({design.contender.name, *design.bits_per_byte,
                      fmt::format("{:.4f}", *design.bits_per_byte), design.contender.accuracy});
  return report::draw_bars("accuracy", "Accuracy, bits per byte",
                           "One bar for each design's format; shorter is better.", bars);
}

nlohmann::ordered_json to_json(const Comparison& comparison, const DesignResult& design) {
  nlohmann::ordered_json json = {
      {"engine", design.engine},
      {"format", design.format},
      {"mismatches", design.mismatches},
      {"outputs", design.outputs},
      {"mac_per_cycle", design.mac_per_cycle},
      {"utilisation", design.utilisation},
      {"area_logic_um2", design.area_logic_um2},
      {"area_memory_um2", design.area_memory_um2},
      {"mac_per_cycle_per_mm2", design.mac_per_cycle_per_mm2()},
      {"advantage", comparison.advantage(design)},
      {"pj_per_mac", design.pj_per_mac},
      {"energy_advantage", comparison.energy_advantage(design)},
      {"memory_pj_per_mac", design.memory_pj_per_mac},
      {"edp_pj_ns", design.edp(comparison.clock_ns)},
      {"gate_mismatches", design.gate_mismatches},
      {"meets_clock", comparison.meets_clock(design)},
  };
  if (design.fmax_mhz) json["fmax_mhz"] = *design.fmax_mhz;
  if (design.bits_per_byte) json["bits_per_byte"] = *design.bits_per_byte;
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const Comparison& comparison) {
  nlohmann::ordered_json json = {{"name", comparison.name},
                                 {"shapes", comparison.shapes},
                                 {"liberty", comparison.liberty},
                                 {"clock_ns", comparison.clock_ns},
                                 {"layout", "pre-layout"},
                                 {"reference", comparison.reference},
                                 {"designs", nlohmann::ordered_json::object()}};
  if (comparison.float_bits_per_byte) {
    json["text"] = comparison.text;
    json["float_bits_per_byte"] = *comparison.float_bits_per_byte;
  }
  for (const DesignResult& design : comparison.designs)
    json["designs"][design.contender.name] = to_json(comparison, design);
  return json;
}

std::string to_table(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows = {{comparison.name}};
  for (const Column& column : kColumns) rows.front().push_back(column.title);
  for (const DesignResult& design : comparison.designs) {
    rows.push_back({design.contender.name});
    for (const Column& column : kColumns) rows.back().push_back(column.text(comparison, design));
  }
  std::string table;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      std::size_t width = 0;
      for (const auto& other : rows) width = std::max(width, other[c].size());
      table +=
          c == 0 ? fmt::format("{:<{}}", row[c], width) : fmt::format("  {:>{}}", row[c], width);
    }
    table += '\n';
  }
  return table + conditions(comparison) + '\n' + advantage_text(comparison) + '\n';
}

std::string to_page(const Comparison& comparison) {
  Element header("header");
  header.add(tagged("h1", comparison.name));
  header.add(tagged("p", conditions(comparison), "lead"));
  Element main("main");
  main.add(html_table(comparison));
  main.add(tagged("p", advantage_text(comparison), "note"));
  main.add(figure(area_plot(comparison)));
  main.add(figure(energy_plot(comparison)));
  if (comparison.float_bits_per_byte) main.add(figure(accuracy_plot(comparison)));
  Element body("body");
  body.add(std::move(header)).add(std::move(main));
  return report::html_page("Hasse: " + comparison.name, std::move(body));
}

}  // namespace hasse::compare
