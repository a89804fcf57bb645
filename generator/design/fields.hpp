// SPDX-License-Identifier: Apache-2.0
// The one table of the design's fields: parser, schema, defaults and documentation follow it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "generator/design/allowed.hpp"
#include "generator/design/design.hpp"

namespace hasse::design {

/// A field of the JSON object that describes an `Owner`.
template <class Owner>
struct FieldOf {
  std::string name;
  std::variant<int Owner::*, std::string Owner::*> member;
  Allowed allowed;
  std::string description;
};

/// One field of the design JSON.
using Field = FieldOf<Design>;
/// One field of its member `attention`.
using AttentionField = FieldOf<Attention>;

/// All fields but `attention`, in the order in which they are documented and written.
const std::vector<Field>& fields();

/// All fields of the member `attention`, in that order.
const std::vector<AttentionField>& attention_fields();

/// The member of a design that makes it an attention engine, an object.
inline constexpr std::string_view attention_key = "attention";

/// The value of `field` in `owner`, as JSON.
template <class Owner>
nlohmann::ordered_json value_of(const FieldOf<Owner>& field, const Owner& owner);

/// The published JSON schema (draft 2020-12) of a design file.
nlohmann::ordered_json schema();

/// Key that a design file may carry for its editor's sake; ignored here.
inline constexpr std::string_view schema_key = "$schema";

}  // namespace hasse::design
