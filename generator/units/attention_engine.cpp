// SPDX-License-Identifier: Apache-2.0
// All modules of an attention engine.
#include "generator/units/attention_engine.hpp"

#include <stdexcept>

#include "generator/units/attention.hpp"
#include "generator/units/attention_top.hpp"
#include "generator/units/engine.hpp"

namespace hasse::units {

using hdl::Module;

std::vector<Module> attention_engine(const AttentionGeometry& g) {
  if (const std::string problem = attention_problem(g); !problem.empty())
    throw std::invalid_argument("attention engine: " + problem);
  std::vector<Module> modules = build(g.array.design);
  const Module array = modules.back();
  const auto keep = [&](const Module& m) {
    modules.push_back(m);
    return m;
  };
  const auto keep_all = [&](const std::vector<Module>& all) {
    modules.insert(modules.end(), all.begin(), all.end());
    return all.back();
  };
  const int bits = g.bound_score_bits();
  const Module mantissas = keep(softmax_mantissas());
  const AttentionParts parts{array,
                             keep_all(selector(g.selector())),
                             keep(page_reducer(bits, g.logical_pages)),
                             keep(score_coder(bits, AG::kCodeBits)),
                             keep(softmax_unit(mantissas)),
                             keep(block_walker(g.max_pages, g.page)),
                             keep(stream_addresser(g.sink, g.ring)),
                             keep(reuse_cache(1, g.interval)),
                             keep(key_scaler(g)),
                             keep(value_scaler(g)),
                             keep(page_lister(g)),
                             keep(memory_stream())};
  keep(AttentionTop(g, parts).build());
  return modules;
}

}  // namespace hasse::units
