// SPDX-License-Identifier: Apache-2.0
// The published JSON schema, derived from the table of fields.
#include "generator/design/defaults.hpp"
#include "generator/design/fields.hpp"

namespace hasse::design {
namespace {

using Json = nlohmann::ordered_json;

void constrain(Json& property, const IntegerRange& range) {
  property["type"] = "integer";
  property["minimum"] = range.minimum;
  property["maximum"] = range.maximum;
}

void constrain(Json& property, const IntegerChoice& choice) {
  property["type"] = "integer";
  property["enum"] = choice.values;
}

void constrain(Json& property, const WordChoice& choice) {
  property["type"] = "string";
  property["enum"] = choice.values;
}

void constrain(Json& property, const Identifier& identifier) {
  property["type"] = "string";
  property["pattern"] = pattern(identifier);
}

Json property_of(const Field& field) {
  Json property;
  property["description"] = field.description;
  std::visit([&](const auto& allowed) { constrain(property, allowed); }, field.allowed);
  property["default"] = value_of(field, defaults(kDefaultEngine));
  return property;
}

}  // namespace

nlohmann::ordered_json schema() {
  Json result;
  result["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  result["title"] = "Hasse design";
  result["description"] =
      "One accelerator for hasse generate. Every field is optional; the defaults listed are those "
      "of a design that names no engine. Combinations that cannot work "
      "(an accumulator that overflows, columns that columns_per_adder does not divide, rows too "
      "few for one group of weights) are refused by hasse itself.";
  result["type"] = "object";
  Json& properties = result["properties"];
  properties[std::string(schema_key)] = {
      {"description", "Where editors find this schema; ignored by hasse."}, {"type", "string"}};
  for (const Field& field : fields()) {
    properties[field.name] = property_of(field);
  }
  result["additionalProperties"] = false;
  return result;
}

}  // namespace hasse::design
