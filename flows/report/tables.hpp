// SPDX-License-Identifier: Apache-2.0
// The tables of the page.
#pragma once

#include <vector>

#include "flows/report/charts.hpp"
#include "flows/report/documents.hpp"
#include "flows/report/headline.hpp"
#include "flows/report/markup.hpp"

namespace hasse::report {

/// A part of a page that may scroll sideways on a narrow screen.
Element scrolling(Element content);

/// `<details>` with a summary line.
Element folded(std::string_view summary, Element content);

/// The headline figures, one column a design.
Element headline_table(const std::vector<Documents>& documents, const std::vector<Row>& rows);

/// What each headline figure is, and which verb measures it.
Element meanings_table(const std::vector<Row>& rows);

/// The command that made each result, design by design.
Element commands_table(const std::vector<Documents>& documents);

/// The first wrong outputs ("first_mismatches" of verify.json): row, column, expected, actual.
Element mismatches_table(const Field& first_mismatches);

/// The decode steps of an attention engine, a row for each series of verify.json or power.json:
/// cycles, pages, bytes, and the energy of those that `power` has. Means over the steps.
Element steps_table(const Field& series, const std::optional<Field>& power);

/// Every node of a sub-tile: code, parent, lane, step, reads.
Element nodes_table(const Subtile& subtile);

/// Shares of the cycles, with swatches in the colours of the bar. `cycles` is the whole they are
/// measured by.
Element cycles_table(const std::vector<Share>& shares, double cycles);

/// "area_by_module" of synth.json, largest first: name, unit, instances, cells and area of each.
Element area_by_module_table(const Field& area_by_module);

/// Every parameter of the design and every number derived from it.
Element parameters_table(const Field& manifest);

/// Every module with its unit, file and purpose.
Element modules_table(const Field& manifest);

}  // namespace hasse::report
