// SPDX-License-Identifier: Apache-2.0
// What the flows call: the page, the terminal table, the merged results and the pictures.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "flows/report/documents.hpp"

namespace hasse::report {

/// Writes one self-contained page over the generated directories `dirs` to `out_html`, whose folder
/// is made when missing; the file is replaced only when the new one is complete. Reads
/// DIR/manifest.json and DIR/results/{generate,verify,synth}.json, any of which may be missing.
/// Throws ReportError.
void write(const std::vector<std::filesystem::path>& dirs, const std::filesystem::path& out_html);

/// The headline figures as an aligned table for a terminal (UTF-8), one column a directory, figures
/// that no directory has left out. Throws ReportError.
std::string summary_table(const std::vector<std::filesystem::path>& dirs);

/// {"name", "design", "generate", "verify", "synth"} of one directory, parts that are missing left
/// out.
nlohmann::json merge(const std::filesystem::path& dir);

/// Writes hasse_graph.svg and area.svg of one directory into `out_dir`, as far as their data
/// exists, and returns the files written. Throws ReportError.
std::vector<std::filesystem::path> svg_files(const std::filesystem::path& dir,
                                             const std::filesystem::path& out_dir);

}  // namespace hasse::report
