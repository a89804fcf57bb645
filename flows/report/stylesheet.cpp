// SPDX-License-Identifier: Apache-2.0
// Colours and rules. The hues are equidistant on the OKLCH circle at one lightness, so no lane
// stands out.
#include "flows/report/stylesheet.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace hasse::report {
namespace {

struct Palette {
  std::string_view ink, dim, rule, surface, track, accent, work, logic, memory, good, bad;
  std::array<std::string_view, 16> hues;
};

// clang-format off
constexpr Palette kLight{
    "#1b1f24", "#5d6673", "#c9ced6", "#ffffff", "#eef0f3", "#2f6fc4", "#465a72", "#2f6fc4",
    "#b98a2f", "#1a7f4b", "#c0362c",
    {"#337bd0", "#676ed1", "#8962c5", "#a358ae", "#b6508e", "#c14d6a", "#c35141", "#bc5b00",
     "#ac6900", "#937900", "#708600", "#3b9037", "#009563", "#00958a", "#0090ab", "#0086c3"}};

constexpr Palette kDark{
    "#e6e9ee", "#98a2b0", "#3a424e", "#12161c", "#1d232b", "#6ba6f5", "#8fa5c0", "#5c97e6",
    "#c9a04e", "#57c68a", "#f2857b",
    {"#70adfb", "#97a2fc", "#b897f0", "#d28edb", "#e488be", "#ef869c", "#f28979", "#eb9258",
     "#da9e3f", "#c1ab3c", "#a0b751", "#78c072", "#47c496", "#00c5b9", "#00c0d8", "#41b8ef"}};
// clang-format on

/// Hues of the cycle breakdown after the first (useful) share.
constexpr std::array<int, 7> kBreakdown{8, 5, 13, 2, 10, 4, 6};

std::string chart_colours(const Palette& p) {
  std::string css;
  for (std::size_t hue = 0; hue < p.hues.size(); ++hue) {
    css += fmt::format(".chart .l{0}{{fill:{1};stroke:{1}}}\n", hue, p.hues[hue]);
  }
  for (std::size_t at = 0; at < kBreakdown.size(); ++at) {
    css += fmt::format(".chart .c{}{{fill:{}}}\n", at + 1,
                       p.hues[static_cast<std::size_t>(kBreakdown[at])]);
  }
  css += fmt::format(
      ".chart .t{{fill:{0}}} .chart .dim{{fill:{1}}} .chart .rule{{stroke:{2}}} "
      ".chart .lattice,.chart .ghost{{stroke:{1}}} .chart .boundary{{stroke:{0}}}\n",
      p.ink, p.dim, p.rule);
  css += fmt::format(
      ".chart .tree{{fill:none}} .chart .node{{stroke:{0}}} .chart .idle,.chart .paper{{fill:{0}}} "
      ".chart .track{{fill:{1}}} .chart .acc,.chart .c0{{fill:{2}}} .chart .logic{{fill:{3}}} "
      ".chart .memory{{fill:{4}}}\n",
      p.surface, p.track, p.work, p.logic, p.memory);
  return css;
}

constexpr std::string_view kChartRules = R"css(
.chart .t{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;
  font-variant-numeric:tabular-nums}
.chart .small{font-size:11px}
.chart .b{font-weight:600}
.chart .code{font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace}
.chart rect{stroke:none}
.chart .rule,.chart .boundary{fill:none;stroke-width:1}
.chart .boundary{stroke-dasharray:3 3;opacity:.55}
.chart .lattice{fill:none;stroke-width:.7;opacity:.2}
.chart .key{opacity:.5}
.chart .tree{stroke-width:1.7;opacity:.8}
.chart .node{stroke-width:1.4}
.chart .idle{stroke-width:1.6}
.chart .ghost{fill:none;opacity:.5}
.chart circle:hover,.chart rect:hover{filter:brightness(1.15)}
)css";

std::string page_colours(const Palette& p) {
  return fmt::format(
      ":root{{--ink:{};--dim:{};--rule:{};--surface:{};--track:{};--accent:{};--good:{};--bad:{}}}"
      "\n",
      p.ink, p.dim, p.rule, p.surface, p.track, p.accent, p.good, p.bad);
}

constexpr std::string_view kPageRules = R"css(
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--surface);color:var(--ink);
  font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
main,body header,body footer{max-width:1190px;margin:0 auto;padding:0 clamp(16px,3vw,36px)}
body header{padding-top:44px}
h1{font-size:clamp(1.7rem,4.5vw,2.5rem);line-height:1.15;letter-spacing:-.02em;margin:0 0 .3em}
h2{font-size:1.55rem;letter-spacing:-.01em;margin:2.6em 0 .2em;padding-top:.7em;
  border-top:2px solid var(--ink)}
h3{font-size:1.12rem;margin:2.3em 0 .3em}
p{max-width:74ch;margin:.4em 0 1em}
.lead{color:var(--dim);font-size:1.06rem}
.note,caption,figcaption{color:var(--dim);font-size:.9rem}
a{color:var(--accent)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3em 1.3em;margin:.6em 0 0;padding:0}
code{font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;font-size:.88em;
  overflow-wrap:anywhere}
.tiles{display:grid;gap:1px;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));
  margin:1.4em 1px}
.tile{outline:1px solid var(--rule);padding:14px 18px 12px}
.tile dt{color:var(--dim);font-size:.84rem}
.tile dd{margin:0;font-size:1.75rem;font-weight:600;letter-spacing:-.02em;line-height:1.25;
  font-variant-numeric:tabular-nums}
.tile dd small{display:block;font-size:.84rem;font-weight:400;letter-spacing:0;color:var(--dim)}
.good{color:var(--good)}
.bad{color:var(--bad);font-weight:600}
.missing{color:var(--dim)}
.scroll{overflow-x:auto;margin:.6em 0 1em}
table{border-collapse:collapse;font-size:.94rem;font-variant-numeric:tabular-nums}
caption{text-align:left;white-space:nowrap;padding:0 0 .6em}
th,td{padding:.34em 1.1em .34em 0;text-align:left;vertical-align:baseline;
  border-bottom:1px solid var(--rule)}
thead th{border-bottom:1.5px solid var(--ink);font-size:.86rem}
tbody th{font-weight:500}
.num{text-align:right;white-space:nowrap}
.hint code{white-space:nowrap}
.unit{color:var(--dim);font-size:.86rem;white-space:nowrap}
.key th,.key .num{font-weight:650}
figure{margin:1em 0}
figure .scroll{margin:0 0 .5em}
.chart{display:block;height:auto;max-width:100%}
.swatch{display:inline-block;width:12px;height:12px;margin-right:8px}
.wide .chart{width:100%}
details{margin:.8em 0;border:1px solid var(--rule);border-radius:4px;padding:.5em 1em}
summary{cursor:pointer;font-weight:500}
details[open] summary{margin-bottom:.7em}
.empty{border-left:3px solid var(--rule);padding:.2em 0 .2em 1em;color:var(--dim)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:0 3em}
footer{color:var(--dim);font-size:.86rem;padding-top:3em;padding-bottom:3em}
@media screen and (max-width:760px){
  .hint{display:none}
  table{font-size:.88rem}
  th,td{padding-right:.75em}
  tbody th{min-width:8.6em}
  figure .chart{min-width:640px}
  .graph .chart,.wide .chart{min-width:860px}
  .wide .bar{min-width:0}
  .tile{padding:10px 14px}
  .tile dd{font-size:1.4rem}
  .tiles{grid-template-columns:repeat(auto-fit,minmax(140px,1fr))}
}
@media print{
  body{font-size:10.5pt}
  figure,table,.tiles{break-inside:avoid}
  h2{break-before:page}
  h2.first{break-before:auto}
  h3{break-after:avoid}
  .scroll{overflow:visible}
  nav,details{display:none}
  *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
)css";

std::string on_dark_screens(const std::string& css) {
  return "@media screen and (prefers-color-scheme:dark){\n" + css + "}\n";
}

}  // namespace

std::string chart_css() {
  return chart_colours(kLight) + on_dark_screens(chart_colours(kDark)) + std::string(kChartRules);
}

std::string page_css() {
  return page_colours(kLight) + on_dark_screens(page_colours(kDark)) + std::string(kPageRules);
}

}  // namespace hasse::report
