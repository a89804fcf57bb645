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

/// A property per field, with its value in `defaults`.
template <class Owner>
void describe(Json& properties, const std::vector<FieldOf<Owner>>& fields, const Owner& defaults) {
  for (const FieldOf<Owner>& field : fields) {
    Json& property = properties[field.name];
    property["description"] = field.description;
    std::visit([&](const auto& allowed) { constrain(property, allowed); }, field.allowed);
    property["default"] = value_of(field, defaults);
  }
}

Json attention_property() {
  Json property;
  property["description"] =
      "Makes an attention engine of the array that the other fields describe; without it the array "
      "multiplies.";
  property["type"] = "object";
  describe(property["properties"], attention_fields(), Attention{});
  property["additionalProperties"] = false;
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
  describe(properties, fields(), defaults(kDefaultEngine));
  properties[std::string(attention_key)] = attention_property();
  result["additionalProperties"] = false;
  return result;
}

}  // namespace hasse::design
