// SPDX-License-Identifier: Apache-2.0
// Reverse-mode differentiation of what DCRMTA is made of: operations are taped, then run backwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "golden/attribution/parameters.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::attribution {

/// Matrices and the operations between them, rows being examples. Griewank and Walther, "Evaluating
/// Derivatives", 2008, chapter 3. Small on purpose: single precision, one thread, and sums in a
/// fixed order, so that training with a seed ends with the same weights on every run.
class Tape {
 public:
  using Var = std::size_t;
  /// Which group each row belongs to, and how many groups there are.
  struct Groups {
    std::vector<std::uint32_t> of_row;
    std::size_t count = 0;
  };

  /// `parameters` must outlive the tape.
  explicit Tape(const Parameters& parameters) : parameters_(parameters) {}

  /// The parameter called `name`, one variable however often it is asked for.
  Var parameter(const std::string& name);
  Var constant(tensor::Matrix<float> value);

  Var linear(Var x, Var weight);  ///< x [M x K] times the transpose of weight [N x K].
  Var add_row(Var x, Var row);    ///< The 1 x N `row` added to every row.
  Var add(Var a, Var b);
  Var scale(Var x, float factor);
  Var multiply(Var a, Var b);         ///< Element by element.
  Var scale_rows(Var x, Var column);  ///< Row m times element m of the M x 1 `column`.
  Var row_dots(Var a, Var b);         ///< M x 1: the products of rows.
  Var tanh(Var x);
  Var relu(Var x);
  Var lstm(Var gates, Var cell);  ///< [next cell | output], see lstm_cell.
  Var columns(Var x, std::size_t first, std::size_t count);
  Var rows(Var x, std::size_t first, std::size_t count);
  Var gather(Var x, std::vector<std::uint32_t> rows);
  Var beside(const std::vector<Var>& parts);      ///< One after the other along columns.
  Var below(const std::vector<Var>& parts);       ///< One after the other along rows.
  Var softmax(Var column, const Groups& groups);  ///< Within each group.
  Var sum_groups(Var x, const Groups& groups);    ///< One row a group.
  Var signed_root(Var x);                         ///< sign(x) * sqrt(|x| + 1e-6).
  Var unit_rows(Var x);                           ///< Rows divided by their lengths.
  /// x itself; backwards the gradient times -factor. Ganin et al., "Domain-Adversarial Training",
  /// 2016.
  Var reverse_gradient(Var x, float factor);
  /// Mean of -log of the probability that logits [M x 1] give to 0 or 1.
  Var binary_cross_entropy(Var logits, std::span<const std::uint8_t> labels);
  /// The same of classes, logits [M x classes].
  Var cross_entropy(Var logits, std::span<const std::uint8_t> classes);

  const tensor::Matrix<float>& value(Var x) const { return nodes_[x].value(); }
  /// Fills in the gradients of the 1 x 1 `loss`. Once: values and gradients between parameters and
  /// loss are given up on the way.
  void backward(Var loss);
  /// Gradients of all parameters that `loss` depends on, after backward().
  std::map<std::string, const tensor::Matrix<float>*> gradients() const;

 private:
  struct Node {
    const tensor::Matrix<float>& value() const { return borrowed ? *borrowed : own; }
    tensor::Matrix<float> own;
    const tensor::Matrix<float>* borrowed = nullptr;
    tensor::Matrix<float> gradient;
    std::function<void(const Node&)> backward;  ///< Adds to the gradients of its operands.
  };
  Var push(tensor::Matrix<float> value, std::function<void(const Node&)> backward);
  tensor::Matrix<float>& gradient_of(Var x);
  Var map(Var x, float (*function)(float), float (*derivative)(float x, float y));

  const Parameters& parameters_;
  std::map<std::string, Var> names_;
  std::vector<Node> nodes_;
};

}  // namespace hasse::attribution
