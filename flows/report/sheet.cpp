// SPDX-License-Identifier: Apache-2.0
#include "flows/report/sheet.hpp"

#include "flows/report/stylesheet.hpp"

namespace hasse::report {

std::string html_page(std::string_view title, Element body) {
  Element head("head");
  head.add(Element("meta").set("charset", "utf-8"));
  head.add(Element("meta")
               .set("name", "viewport")
               .set("content", "width=device-width, initial-scale=1"));
  head.add(Element("meta").set("name", "color-scheme").set("content", "light dark"));
  head.add(tagged("title", title));
  head.add(Element("style").stylesheet(page_css() + chart_css()));
  Element html("html");
  html.set("lang", "en").add(std::move(head)).add(std::move(body));
  return "<!DOCTYPE html>\n" + html.str() + '\n';
}

}  // namespace hasse::report
