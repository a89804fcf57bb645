// SPDX-License-Identifier: Apache-2.0
// Fields of a head policy, what they accept, and which combinations cannot work.
#include "golden/attention/policy_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <type_traits>

namespace hasse::attention {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr long long kMostTokens = 1LL << 30;

/// A field whose value is stored as it stands at `at(policy)`.
template <class Allowed, class At>
PolicyField plain(std::string name, Allowed allowed, std::string description, At at) {
  return {std::move(name), std::move(allowed), std::move(description),
          [at](HeadPolicy& policy, const Json& value) { value.get_to(at(policy)); },
          [at](const HeadPolicy& policy) { return OrderedJson(at(policy)); }};
}

/// A field whose words name the values 0, 1, ... of the enumeration at `at(policy)`.
template <class At>
PolicyField word(std::string name, std::vector<std::string> words, std::string description, At at) {
  using Enum = std::remove_reference_t<decltype(at(std::declval<HeadPolicy&>()))>;
  const auto set = [at, words](HeadPolicy& policy, const Json& value) {
    const auto found = std::ranges::find(words, value.get<std::string>());
    at(policy) = static_cast<Enum>(found - words.begin());
  };
  const auto get = [at, words](const HeadPolicy& policy) {
    return OrderedJson(words[static_cast<std::size_t>(at(policy))]);
  };
  return {std::move(name), WordChoice{words}, std::move(description), set, get};
}

PolicyField top_p_field() {
  return {"top_p", NumberRange{0, 1},
          "Share of the attention's mass that is kept by top-p; without it nothing is pruned.",
          [](HeadPolicy& policy, const Json& value) {
            policy.prune = true;
            value.get_to(policy.top_p.p);
          },
          [](const HeadPolicy& policy) {
            return policy.prune ? OrderedJson(policy.top_p.p) : OrderedJson();
          }};
}

// Accessors are generic so that one serves reading and writing.
#define HASSE_AT(member)      \
  [](auto& policy) -> auto& { \
    return policy.member;     \
  }

std::vector<PolicyField> page_fields() {
  return {
      plain("page", IntegerRange{1, 4096}, "Tokens of a physical page.", HASSE_AT(pages.page)),
      plain("logical_page", IntegerRange{1, 4096}, "Tokens that share a bound; divides page.",
            HASSE_AT(pages.logical_page)),
      plain("budget", IntegerRange{1, kMostTokens},
            "Tokens that may be read, forced pages included.", HASSE_AT(pages.budget)),
      word("budget_rounding", {"down", "up"}, "From a budget in tokens to pages.",
           HASSE_AT(pages.rounding)),
      plain("min_pages", IntegerRange{1, kMostTokens}, "Fewest pages read, if there are as many.",
            HASSE_AT(pages.min_pages)),
      plain("force_last", Flag{}, "The last page is always read and takes one of the places.",
            HASSE_AT(pages.force_last)),
      plain("score_partial", Flag{}, "The last page competes by its score.",
            HASSE_AT(pages.score_partial)),
      word("ties", {"lowest", "highest"}, "Index that wins among equal scores.",
           HASSE_AT(pages.ties)),
      word("dense_when", {"pages_fit", "history_fits"},
           "All is read when all pages fit the budget, or the tokens before the current one do.",
           HASSE_AT(pages.dense_when)),
      plain("reuse", IntegerRange{1, 4096},
            "Pages are chosen at positions this divides and kept in between; divides page.",
            HASSE_AT(pages.reuse))};
}

std::vector<PolicyField> stream_fields() {
  return {plain("sink", IntegerRange{0, kMostTokens}, "First tokens that are always read.",
                HASSE_AT(stream.sink)),
          plain("recent", IntegerRange{1, kMostTokens},
                "Most recent tokens read, the current one included.", HASSE_AT(stream.recent)),
          word("stream_unit", {"tokens", "blocks"},
               "Whether sink and recent are cut by token, or are whole blocks in a ring.",
               HASSE_AT(stream.unit)),
          plain("block", IntegerRange{1, 4096}, "Tokens of a block.", HASSE_AT(stream.block)),
          word("stream_prefill", {"window", "chunk"},
               "A prompt's tokens read their own window, or what earlier chunks left and all of "
               "their own chunk.",
               HASSE_AT(stream.prefill)),
          plain("prefill_recent", IntegerRange{1, kMostTokens}, "As recent, in a prompt.",
                HASSE_AT(stream.prefill_recent))};
}

std::vector<PolicyField> pruning_fields() {
  return {top_p_field(),
          plain("estimate_bits", IntegerRange{1, 16},
                "Bits of the keys that top-p is estimated with; 16: the exact scores.",
                HASSE_AT(estimate_bits)),
          plain("estimate_all", Flag{},
                "Top-p over the weights of all tokens, and only then the selection.",
                HASSE_AT(estimate_all)),
          word("top_p_start", {"max", "first"},
               "Upper start of the bisection: the largest weight, or the first one.",
               HASSE_AT(top_p.start)),
          plain("epsilon", NumberRange{0, 1},
                "The bisection ends when the weights around the threshold are as close.",
                HASSE_AT(top_p.epsilon)),
          plain("group_union", Flag{}, "All query heads of a KV head read what any of them keeps.",
                HASSE_AT(group_union))};
}

#undef HASSE_AT

std::vector<PolicyField> make_fields() {
  std::vector<PolicyField> fields = {word(
      "select", {"all", "stream", "pages"},
      "What the tokens are chosen by: nothing, their place, or their pages' scores.",
      [](auto& policy) -> auto& { return policy.select; })};
  for (auto part : {page_fields(), stream_fields(), pruning_fields()}) {
    std::ranges::move(part, std::back_inserter(fields));
  }
  return fields;
}

}  // namespace

const std::vector<PolicyField>& policy_fields() {
  static const std::vector<PolicyField> fields = make_fields();
  return fields;
}

std::string allowed_text(const PolicyField& field) {
  struct Visitor {
    std::string operator()(const IntegerRange& range) const {
      return fmt::format("an integer from {} to {}", range.minimum, range.maximum);
    }
    std::string operator()(const NumberRange& range) const {
      return fmt::format("a number from {} to {}", range.minimum, range.maximum);
    }
    std::string operator()(const Flag&) const { return "true or false"; }
    std::string operator()(const WordChoice& choice) const {
      return fmt::format("one of {}", fmt::join(choice.words, ", "));
    }
  };
  return std::visit(Visitor{}, field.allowed);
}

bool accepts(const PolicyField& field, const Json& value) {
  struct Visitor {
    const Json& value;
    bool operator()(const IntegerRange& range) const {
      return value.is_number_integer() && value >= range.minimum && value <= range.maximum;
    }
    bool operator()(const NumberRange& range) const {
      return value.is_number() && value >= range.minimum && value <= range.maximum;
    }
    bool operator()(const Flag&) const { return value.is_boolean(); }
    bool operator()(const WordChoice& choice) const {
      return value.is_string() &&
             std::ranges::find(choice.words, value.get<std::string>()) != choice.words.end();
    }
  };
  return std::visit(Visitor{value}, field.allowed);
}

std::string refusal(const HeadPolicy& policy, std::string& field) {
  const PageRule& pages = policy.pages;
  field = "logical_page";
  if (pages.page % pages.logical_page != 0) return fmt::format("a divisor of page, {}", pages.page);
  field = "reuse";
  if (pages.page % pages.reuse != 0) {
    return fmt::format("a divisor of page, {}: a new page has to meet a new choice", pages.page);
  }
  field = "score_partial";
  if (!pages.force_last && !pages.score_partial) {
    return "true where force_last is false: else the newest tokens are never read";
  }
  field = "estimate_bits";
  if (policy.estimate_bits > 8 && policy.estimate_bits < 16) return "1 to 8, or 16";
  return "";
}

}  // namespace hasse::attention
