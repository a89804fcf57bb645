// SPDX-License-Identifier: Apache-2.0
#include "flows/proof/tables.hpp"

namespace hasse::proof {
namespace {

using report::Element;
using report::tagged;

Element row(const std::vector<std::string>& cells, const char* cell = "td") {
  Element out("tr");
  for (const std::string& text : cells) out.add(tagged(cell, text));
  return out;
}

}  // namespace

Element table(const std::vector<std::string>& heads,
              const std::vector<std::vector<std::string>>& rows) {
  Element out("table");
  Element head("thead"), body("tbody");
  head.add(row(heads, "th"));
  for (const std::vector<std::string>& cells : rows) body.add(row(cells));
  return out.add(std::move(head)).add(std::move(body));
}

}  // namespace hasse::proof
