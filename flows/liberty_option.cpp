// SPDX-License-Identifier: Apache-2.0
#include "flows/liberty_option.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <vector>

namespace hasse::flows {

void declare_liberty(CLI::App& command, synth::Options& options) {
  const auto take = [&options](const std::vector<std::filesystem::path>& files) {
    options.liberty = files.front();
    options.more_liberty.assign(files.begin() + 1, files.end());
  };
  command
      .add_option_function<std::vector<std::filesystem::path>>(
          "--liberty", take, "Cell library, plain or .gz; again for each further file of it")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->default_str(synth::kDefaultLiberty);
}

}  // namespace hasse::flows
