// SPDX-License-Identifier: Apache-2.0
// regression_report DIR --revision R: DIR/regression.xml and DIR/index.html. Started by
// flows/regression.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "flows/proof/regression.hpp"
#include "golden/tensor/file.hpp"

int main(int argc, char** argv) {
  using namespace hasse;
  CLI::App app("Sums up what flows/regression has found");
  std::filesystem::path folder;
  std::string revision;
  app.add_option("DIR", folder, "Its folder")->required()->check(CLI::ExistingDirectory);
  app.add_option("--revision", revision, "What is summed up")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    const proof::Regression regression = proof::read_regression(folder, revision);
    tensor::write_file(folder / "regression.xml", proof::to_junit(regression));
    tensor::write_file(folder / "index.html", proof::to_page(regression));
    for (const proof::Step& step : regression.steps)
      fmt::print("{:10} {:8} {:6} s  {}\n", step.name, step.result, step.seconds, step.last);
    fmt::print("{}\n", (folder / "index.html").string());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}
