// SPDX-License-Identifier: Apache-2.0
// The headline figures, read and derived.
#include "flows/report/headline.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "flows/report/numbers.hpp"

namespace hasse::report {
namespace {

std::optional<double> ratio(std::optional<double> over, std::optional<double> under) {
  if (!over || !under || *under <= 0.0) return std::nullopt;
  return *over / *under;
}

/// Results write 0 for a rate that could not be measured.
std::optional<double> positive(std::optional<double> value) {
  return value && *value > 0.0 ? value : std::nullopt;
}

std::int64_t blocks(std::int64_t length, std::int64_t block) {
  return (length + block - 1) / block;
}

/// What the schedule of sub-tiles needs of a design; missing without a manifest.
struct Tiling {
  std::int64_t tile_bits, lanes, columns, rows;
};

std::optional<Tiling> tiling(const Documents& documents) {
  const std::optional<Field> design = documents.design();
  const auto tile_bits = optional_count(design, "tile_bits");
  const auto lanes = optional_count(design, "lanes");
  const auto columns = optional_count(design, "columns");
  const auto rows = optional_count(design, "rows");
  if (!tile_bits || !lanes || !columns || !rows) return std::nullopt;
  if (*tile_bits == 0 || *lanes == 0 || *columns == 0) return std::nullopt;
  return Tiling{*tile_bits, *lanes, *columns, *rows};
}

/// Weight rows of a full sub-tile: floor(R / (lanes·S)) groups of one row a lane.
std::int64_t weight_rows(const Tiling& tiling, std::int64_t weight_bits) {
  return tiling.rows / (tiling.lanes * weight_bits) * tiling.lanes;
}

/// The fewest cycles a full sub-tile can take: TransRows · (1 - 2^-T) / lanes.
std::optional<double> bound(const Figures& figures, const std::optional<Tiling>& tiling) {
  if (!tiling || !figures.weight_bits || *figures.weight_bits == 0) return std::nullopt;
  const std::int64_t transrows = weight_rows(*tiling, *figures.weight_bits) * *figures.weight_bits;
  if (transrows == 0) return std::nullopt;
  const double present = 1.0 - std::exp2(-static_cast<double>(tiling->tile_bits));
  return static_cast<double>(transrows) * present / static_cast<double>(tiling->lanes);
}

std::optional<double> subtiles(const Figures& figures, const std::optional<Tiling>& tiling) {
  if (!tiling || !figures.weight_bits || !figures.n || *figures.weight_bits == 0)
    return std::nullopt;
  const std::int64_t rows = weight_rows(*tiling, *figures.weight_bits);
  if (rows == 0) return std::nullopt;
  return static_cast<double>(blocks(*figures.m, tiling->columns)) *
         static_cast<double>(blocks(*figures.n, rows)) *
         static_cast<double>(blocks(*figures.k, tiling->tile_bits));
}

void read_verify(Figures& out, const Documents& documents) {
  const std::optional<Field>& verify = documents.verify;
  if (verify && verify->find("n")) {
    out.n = verify->at("n").count();
    out.k = verify->at("k").count();
    out.m = verify->at("m").count();
  }
  out.mismatches = optional_count(verify, "mismatches");
  out.outputs = optional_count(verify, "outputs");
  out.weight_bits = optional_count(verify, "weight_bits");
  out.activation_bits = optional_count(verify, "activation_bits");
  if (!out.activation_bits)
    out.activation_bits = optional_count(documents.design(), "activation_bits");
  out.cycles = optional_count(verify, "cycles");
  out.transrows = optional_count(verify, "transrows");
  out.zero_transrows = optional_count(verify, "zero_transrows");
  out.stall_cycles = optional_count(verify, "stall_cycles");
  out.accumulate_utilisation = optional_quantity(verify, "accumulate_utilisation");
  out.prefix_utilisation = optional_quantity(verify, "prefix_utilisation");
  out.subtile_cycles = positive(optional_quantity(verify, "cycles_per_subtile"));
  out.stall = optional_quantity(verify, "stall");
  const auto model = verify ? verify->find("model") : std::nullopt;
  out.predicted_cycles = optional_count(model, "predicted_cycles");
}

void derive_rates(Figures& out, const Documents& documents) {
  const std::optional<Tiling> tiles = tiling(documents);
  out.subtile_bound = positive(optional_quantity(documents.verify, "bound_cycles_per_subtile"));
  if (!out.subtile_bound) out.subtile_bound = bound(out, tiles);
  out.mac_per_cycle = optional_quantity(documents.verify, "mac_per_cycle");
  if (!out.cycles) return;
  const auto cycles = static_cast<double>(*out.cycles);
  auto count = optional_quantity(documents.verify, "subtiles");
  if (!count) count = subtiles(out, tiles);
  const double units = optional_quantity(documents.verify, "units").value_or(1);
  out.subtile_cycles_average = ratio(units * cycles, count);
  if (out.mac_per_cycle || !out.n) return;
  const double macs =
      static_cast<double>(*out.n) * static_cast<double>(*out.k) * static_cast<double>(*out.m);
  out.mac_per_cycle = ratio(macs, cycles);
}

void read_synth(Figures& out, const std::optional<Field>& synth) {
  out.area_um2 = optional_quantity(synth, "area_um2");
  out.area_logic_um2 = optional_quantity(synth, "area_logic_um2");
  out.area_memory_um2 = optional_quantity(synth, "area_memory_um2");
  out.nand2_um2 = nand2_area(synth);
  out.fmax_mhz = optional_quantity(synth, "fmax_mhz");
  out.clock_ns = optional_quantity(synth, "clock_ns");
  out.liberty = std::filesystem::path(optional_text(synth, "liberty")).filename().string();
}

void read_power(Figures& out, const std::optional<Field>& power) {
  out.pj_per_mac = optional_quantity(power, "pj_per_mac");
}

Cell missing() {
  return {"–", Tone::kMissing};
}

Cell number_cell(std::optional<double> value, int digits = 3) {
  return value ? Cell{significant(*value, digits)} : missing();
}

Cell count_cell(std::optional<std::int64_t> value) {
  return value ? Cell{whole(*value)} : missing();
}

Cell percent_cell(std::optional<double> fraction) {
  return fraction ? Cell{percent(*fraction)} : missing();
}

Cell exact_cell(const Figures& f) {
  if (!f.mismatches || !f.outputs) return missing();
  const std::string text = fmt::format("{} / {}", whole(*f.mismatches), whole(*f.outputs));
  if (*f.outputs == 0) return {text, Tone::kBad};
  return {text, *f.mismatches == 0 ? Tone::kGood : Tone::kBad};
}

Cell shape_cell(const Figures& f) {
  if (!f.n) return missing();
  return {fmt::format("{} × {} × {}", whole(*f.n), whole(*f.k), whole(*f.m))};
}

Cell text_cell(const std::string& text) {
  return text.empty() ? missing() : Cell{text};
}

Cell zero_cell(const Figures& f) {
  if (!f.zero_transrows || !f.transrows || *f.transrows == 0) return missing();
  return percent_cell(static_cast<double>(*f.zero_transrows) / static_cast<double>(*f.transrows));
}

Cell ratio_cell(std::optional<double> value) {
  return value ? Cell{fmt::format("{:.3f} ×", *value)} : missing();
}

/// The model must agree exactly on a run without stalls.
Cell predicted_cell(const Figures& f) {
  const bool differs =
      f.predicted_cycles && f.cycles && f.stall == 0.0 && *f.cycles != *f.predicted_cycles;
  Cell cell = count_cell(f.predicted_cycles);
  if (differs) cell.tone = Tone::kBad;
  return cell;
}

Cell clock_cell(const Figures& f) {
  if (!f.clock_ns) return missing();
  const bool late = f.fmax_mhz && *f.clock_ns > 0 && *f.fmax_mhz * *f.clock_ns < 999.999;
  return {significant(*f.clock_ns) + (late ? ", not met" : ""), late ? Tone::kBad : Tone::kPlain};
}

Cell throughput_cell(const Figures& f) {
  if (!f.mac_per_cycle || !f.fmax_mhz) return missing();
  return number_cell(*f.mac_per_cycle * *f.fmax_mhz / 1000.0);
}

/// A row before the designs are filled in.
struct RowKind {
  std::string label, unit, meaning, verb;
  std::function<Cell(const Figures&)> cell;
  bool key = false;
};

std::vector<RowKind> product_rows() {
  return {
      {"Wrong outputs", "", "Outputs that differ from golden, of all outputs.", "verify",
       exact_cell, true},
      {"Product N × K × M", "", "Y[N×M] = W[N×K] · X[K×M].", "verify", shape_cell},
      {"Format", "", "Bits of the weights and of the activations.", "verify",
       [](const Figures& f) { return text_cell(f.format()); }},
      {"Cycles", "cycles", "From start to done, filling and draining included.", "verify",
       [](const Figures& f) { return count_cell(f.cycles); }},
      {"Cycles predicted", "cycles", "By the golden cycle model, exact when no stream stalls.",
       "verify", predicted_cell},
      {"Stalled", "cycles", "Cycles in which a stream at the ports held the engine up.", "verify",
       [](const Figures& f) { return count_cell(f.stall_cycles); }},
      {"Sub-tile, steady state", "cycles", "Between the ends of two sub-tiles in a row, no stalls.",
       "verify", [](const Figures& f) { return number_cell(f.subtile_cycles); }},
      {"Sub-tile, whole run", "cycles",
       "Cycles divided by the sub-tiles of a unit; edge tiles count as whole ones.", "verify",
       [](const Figures& f) { return number_cell(f.subtile_cycles_average); }},
      {"Sub-tile, bound", "cycles", "TransRows of a full sub-tile · (1 − 2⁻ᵀ) / lanes.", "verify",
       [](const Figures& f) { return number_cell(f.subtile_bound); }},
      {"Steady state / bound", "", "1 would mean that no accumulate lane ever waits.", "verify",
       [](const Figures& f) { return ratio_cell(f.subtile_ratio()); }, true},
      {"Accumulate lanes busy", "", "TransRows / (accumulate lanes · cycles).", "verify",
       [](const Figures& f) { return percent_cell(f.accumulate_utilisation); }},
      {"Prefix lanes busy", "", "Nodes built / (prefix lanes · cycles).", "verify",
       [](const Figures& f) { return percent_cell(f.prefix_utilisation); }},
      {"Zero TransRows", "", "TransRows whose code is zero: nothing to add.", "verify", zero_cell},
      {"Throughput achieved", "MAC/cycle", "N·K·M / cycles, the whole run.", "verify",
       [](const Figures& f) { return number_cell(f.mac_per_cycle, 4); }, true},
  };
}

/// "Logic per W4A8 MAC/cycle" when every design that has one has that format; each cell says its
/// own otherwise.
RowKind logic_per_mac_row(const std::vector<Figures>& all) {
  bool same = true;
  std::string format;
  for (const Figures& f : all) {
    if (!f.logic_per_mac()) continue;
    if (format.empty()) format = f.format();
    same = same && f.format() == format;
  }
  const std::string label = same && !format.empty() ? fmt::format("Logic per {} MAC/cycle", format)
                                                    : "Logic per MAC/cycle";
  return {label,
          "µm²",
          "Logic area / achieved MAC per cycle of the format stated.",
          "synth",
          [same](const Figures& f) {
            Cell cell = number_cell(f.logic_per_mac(), 4);
            if (!same && f.logic_per_mac()) cell.text += " (" + f.format() + ")";
            return cell;
          },
          true};
}

std::vector<RowKind> silicon_rows(const std::vector<Figures>& all) {
  return {
      {"Logic area", "µm²", "Mapped cells, memories apart; before placement.", "synth",
       [](const Figures& f) { return number_cell(f.area_logic_um2); }},
      {"Memory area", "µm²", "Cells of the ram_1r1w instances.", "synth",
       [](const Figures& f) { return number_cell(f.area_memory_um2); }},
      logic_per_mac_row(all),
      {"Fastest clock", "MHz", "Static timing of the mapped netlist, no wires.", "synth",
       [](const Figures& f) { return number_cell(f.fmax_mhz); }, true},
      {"Clock asked for", "ns", "The period synthesis aimed at.", "synth", clock_cell},
      {"Throughput at that clock", "GMAC/s", "Achieved MAC/cycle · fastest clock.", "synth",
       throughput_cell},
      {"Energy", "pJ/MAC", "Logic and its clock, from the netlist's own switching, no wires.",
       "power", [](const Figures& f) { return number_cell(f.pj_per_mac); }, true},
      {"Cell library", "", "Liberty file.", "synth",
       [](const Figures& f) { return text_cell(f.liberty); }},
  };
}

}  // namespace

std::optional<double> Figures::subtile_ratio() const {
  return ratio(subtile_cycles, subtile_bound);
}

std::optional<double> Figures::logic_per_mac() const {
  return ratio(area_logic_um2, mac_per_cycle);
}

std::string Figures::format() const {
  if (!weight_bits || !activation_bits) return "";
  return fmt::format("W{}A{}", *weight_bits, *activation_bits);
}

Figures figures(const Documents& documents) {
  Figures out;
  read_verify(out, documents);
  derive_rates(out, documents);
  read_synth(out, documents.synth);
  read_power(out, documents.power);
  return out;
}

std::vector<Row> headline(const std::vector<Documents>& documents) {
  std::vector<Figures> all;
  for (const Documents& one : documents) all.push_back(figures(one));
  std::vector<RowKind> kinds = product_rows();
  for (RowKind& kind : silicon_rows(all)) kinds.push_back(std::move(kind));
  std::vector<Row> rows;
  for (const RowKind& kind : kinds) {
    Row row{kind.label, kind.unit, kind.meaning, kind.verb, kind.key, {}};
    for (const Figures& f : all) row.cells.push_back(kind.cell(f));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string command(const Documents& documents, const std::string& verb) {
  const std::string dir = documents.dir.string();
  if (verb == "generate") {
    return optional_text(documents.generate, "command",
                         fmt::format("hasse generate DESIGN.json -o {}", dir));
  }
  const std::optional<Field>& result = verb == "verify"  ? documents.verify
                                       : verb == "power" ? documents.power
                                                         : documents.synth;
  return optional_text(result, "command", fmt::format("hasse {} {}", verb, dir));
}

}  // namespace hasse::report
