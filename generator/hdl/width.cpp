// SPDX-License-Identifier: Apache-2.0
// Constant arithmetic on widths, kept in a form that prints without superfluous terms.
#include "generator/hdl/width.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace hasse::hdl {

struct Width::Node {
  enum class Kind { number, symbol, add, subtract, multiply, clog2 };
  using Ptr = std::shared_ptr<const Node>;

  Kind kind = Kind::number;
  int value = 0;
  std::string name;
  Ptr left, right;  // Operands; `left` is also the definition of a symbol, where it has one.

  static Ptr number(int value) {
    return std::make_shared<Node>(Node{Kind::number, value, "", {}, {}});
  }
  static Ptr binary(Kind kind, int value, Ptr left, Ptr right) {
    return std::make_shared<Node>(Node{kind, value, "", std::move(left), std::move(right)});
  }
  bool is_number() const { return kind == Kind::number; }
};

namespace {

int clog2_at_least_one(int depth) {
  return std::max(1,
                  static_cast<int>(std::bit_width(static_cast<unsigned>(std::max(depth, 1) - 1))));
}

}  // namespace

Width::Width(int value) : node_(Node::number(value)) {}

Width::Width(int value, std::string symbol)
    : node_(std::make_shared<Node>(Node{Node::Kind::symbol, value, std::move(symbol), {}, {}})) {}

Width::Width(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

int Width::value() const {
  return node_->value;
}

bool Width::is_number() const {
  return node_->is_number();
}

bool Width::is_fixed() const {
  const Node& node = *node_;
  if (node.kind == Node::Kind::symbol && !node.left) return false;
  return (!node.left || Width(node.left).is_fixed()) &&
         (!node.right || Width(node.right).is_fixed());
}

Width Width::named(std::string symbol) const {
  return Width(
      std::make_shared<Node>(Node{Node::Kind::symbol, value(), std::move(symbol), node_, {}}));
}

std::string Width::str() const {
  const Node& node = *node_;
  switch (node.kind) {
    case Node::Kind::number:
      return std::to_string(node.value);
    case Node::Kind::symbol:
      return node.name;
    case Node::Kind::add:
      if (node.right->is_number() && node.right->value < 0) {
        return Width(node.left).str() + std::to_string(node.right->value);
      }
      return fmt::format("{}+{}", Width(node.left).str(), Width(node.right).str());
    case Node::Kind::subtract:
      return fmt::format("{}-{}", Width(node.left).str(), Width(node.right).str_operand());
    case Node::Kind::multiply:
      return fmt::format("{}*{}", Width(node.left).str_operand(), Width(node.right).str_operand());
    case Node::Kind::clog2:
      return fmt::format("$clog2({})", Width(node.left).str());
  }
  return {};
}

std::string Width::str_operand() const {
  const bool is_sum = node_->kind == Node::Kind::add || node_->kind == Node::Kind::subtract ||
                      (is_number() && value() < 0);
  return is_sum ? fmt::format("({})", str()) : str();
}

int Width::evaluate(const ParamMap& overrides) const {
  const Node& node = *node_;
  const auto operand = [&](const Node::Ptr& child) { return Width(child).evaluate(overrides); };
  switch (node.kind) {
    case Node::Kind::number:
      return node.value;
    case Node::Kind::symbol: {
      const auto found = overrides.find(node.name);
      if (found != overrides.end()) return found->second;
      return node.left ? operand(node.left) : node.value;
    }
    case Node::Kind::add:
      return operand(node.left) + operand(node.right);
    case Node::Kind::subtract:
      return operand(node.left) - operand(node.right);
    case Node::Kind::multiply:
      return operand(node.left) * operand(node.right);
    case Node::Kind::clog2:
      return clog2_at_least_one(operand(node.left));
  }
  return 0;
}

std::vector<std::pair<std::string, int>> Width::symbols() const {
  std::vector<std::pair<std::string, int>> found;
  if (node_->kind == Node::Kind::symbol) {
    found.emplace_back(node_->name, node_->value);
    return found;
  }
  for (const Node::Ptr& child : {node_->left, node_->right}) {
    if (!child) continue;
    for (auto& symbol : Width(child).symbols()) found.push_back(std::move(symbol));
  }
  return found;
}

std::pair<int, Width> Width::factor() const {
  const bool is_scaled = node_->kind == Node::Kind::multiply && node_->left->is_number();
  return is_scaled ? std::pair{node_->left->value, Width(node_->right)} : std::pair{1, *this};
}

Width operator+(const Width& a, const Width& b) {
  using Node = Width::Node;
  const int sum = a.value() + b.value();
  if (a.is_number() && b.is_number()) return sum;
  if (a.is_number()) return b + a;
  if (b.is_number()) {
    if (b.value() == 0) return a;
    if (a.node_->kind == Node::Kind::add && a.node_->right->is_number()) {
      return Width(a.node_->left) + Width(a.node_->right->value + b.value());
    }
    return Width(Node::binary(Node::Kind::add, sum, a.node_, b.node_));
  }
  if (a.node_->kind == Node::Kind::add && a.node_->right->is_number()) {
    return (Width(a.node_->left) + b) + Width(a.node_->right);
  }
  if (b.node_->kind == Node::Kind::add && b.node_->right->is_number()) {
    return (a + Width(b.node_->left)) + Width(b.node_->right);
  }
  const auto [left_factor, left_term] = a.factor();
  const auto [right_factor, right_term] = b.factor();
  if (left_term.str() == right_term.str()) return Width(left_factor + right_factor) * left_term;
  return Width(Node::binary(Node::Kind::add, sum, a.node_, b.node_));
}

Width operator-(const Width& a, const Width& b) {
  using Node = Width::Node;
  if (b.is_number()) return a + Width(-b.value());
  if (a.node_->kind == Node::Kind::add && a.node_->right->is_number()) {
    return (Width(a.node_->left) - b) + Width(a.node_->right);
  }
  if (b.node_->kind == Node::Kind::add && b.node_->right->is_number()) {
    return (a - Width(b.node_->left)) - Width(b.node_->right);
  }
  if (a.str() == b.str()) return a.value() - b.value();
  return Width(Node::binary(Node::Kind::subtract, a.value() - b.value(), a.node_, b.node_));
}

Width operator*(const Width& a, const Width& b) {
  using Node = Width::Node;
  const int product = a.value() * b.value();
  if (a.is_number() && b.is_number()) return product;
  if (a.is_number() && (a.value() == 1 || a.value() == 0)) return a.value() == 1 ? b : Width(0);
  if (b.is_number()) return b * a;
  return Width(Node::binary(Node::Kind::multiply, product, a.node_, b.node_));
}

Width address_bits(const Width& depth) {
  using Node = Width::Node;
  const int bits = clog2_at_least_one(depth.value());
  if (depth.is_number()) return bits;
  return Width(Node::binary(Node::Kind::clog2, bits, depth.node_, {}));
}

}  // namespace hasse::hdl
