// SPDX-License-Identifier: Apache-2.0
// Operations and their derivatives.
#include "golden/attribution/tape.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/attribution/layers.hpp"
#include "golden/attribution/products.hpp"

namespace hasse::attribution {
namespace {

using tensor::Matrix;

void add_to(Matrix<float>& x, const Matrix<float>& y) {
  std::transform(x.data(), x.data() + x.size(), y.data(), x.data(), std::plus<>());
}

Matrix<float> product(const Matrix<float>& a, const Matrix<float>& b) {
  return multiply_packed(a, attribution::pack(b), b.cols());
}

}  // namespace

Tape::Var Tape::push(Matrix<float> value, std::function<void(const Node&)> backward) {
  nodes_.push_back({std::move(value), nullptr, {}, std::move(backward)});
  return nodes_.size() - 1;
}

Tape::Var Tape::parameter(const std::string& name) {
  const auto [found, fresh] = names_.try_emplace(name, nodes_.size());
  if (fresh) nodes_.push_back({{}, &parameters_.at(name), {}, {}});
  return found->second;
}

Tape::Var Tape::constant(Matrix<float> value) {
  return push(std::move(value), {});
}

Tape::Var Tape::linear(Var x, Var weight) {
  Matrix<float> y = multiply_packed(value(x), pack_transposed(value(weight)), value(weight).rows());
  return push(std::move(y), [=, this](const Node& node) {
    add_to(gradient_of(x), product(node.gradient, value(weight)));
    add_to(gradient_of(weight), product(tensor::transpose(node.gradient), value(x)));
  });
}

Tape::Var Tape::add_row(Var x, Var row) {
  Matrix<float> y = value(x);
  for (std::size_t m = 0; m < y.rows(); ++m) attribution::add_to(y.row(m), value(row).row(0));
  return push(std::move(y), [=, this](const Node& node) {
    add_to(gradient_of(x), node.gradient);
    for (std::size_t m = 0; m < node.gradient.rows(); ++m)
      attribution::add_to(gradient_of(row).row(0), node.gradient.row(m));
  });
}

Tape::Var Tape::add(Var a, Var b) {
  Matrix<float> y = value(a);
  add_to(y, value(b));
  return push(std::move(y), [=, this](const Node& node) {
    add_to(gradient_of(a), node.gradient);
    add_to(gradient_of(b), node.gradient);
  });
}

Tape::Var Tape::scale(Var x, float factor) {
  Matrix<float> y = value(x);
  for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] *= factor;
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t i = 0; i < node.gradient.size(); ++i)
      gradient_of(x).data()[i] += factor * node.gradient.data()[i];
  });
}

Tape::Var Tape::multiply(Var a, Var b) {
  Matrix<float> y = value(a);
  std::transform(y.data(), y.data() + y.size(), value(b).data(), y.data(), std::multiplies<>());
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t i = 0; i < node.gradient.size(); ++i) {
      gradient_of(a).data()[i] += node.gradient.data()[i] * value(b).data()[i];
      gradient_of(b).data()[i] += node.gradient.data()[i] * value(a).data()[i];
    }
  });
}

Tape::Var Tape::scale_rows(Var x, Var column) {
  Matrix<float> y = value(x);
  for (std::size_t m = 0; m < y.rows(); ++m)
    for (float& element : y.row(m)) element *= value(column)(m, 0);
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t m = 0; m < node.gradient.rows(); ++m)
      for (std::size_t n = 0; n < node.gradient.cols(); ++n) {
        gradient_of(x)(m, n) += node.gradient(m, n) * value(column)(m, 0);
        gradient_of(column)(m, 0) += node.gradient(m, n) * value(x)(m, n);
      }
  });
}

Tape::Var Tape::row_dots(Var a, Var b) {
  Matrix<float> y(value(a).rows(), 1);
  for (std::size_t m = 0; m < y.rows(); ++m)
    for (std::size_t n = 0; n < value(a).cols(); ++n) y(m, 0) += value(a)(m, n) * value(b)(m, n);
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t m = 0; m < value(a).rows(); ++m)
      for (std::size_t n = 0; n < value(a).cols(); ++n) {
        gradient_of(a)(m, n) += node.gradient(m, 0) * value(b)(m, n);
        gradient_of(b)(m, n) += node.gradient(m, 0) * value(a)(m, n);
      }
  });
}

Tape::Var Tape::map(Var x, float (*function)(float), float (*derivative)(float, float)) {
  Matrix<float> y = value(x);
  std::transform(y.data(), y.data() + y.size(), y.data(), function);
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t i = 0; i < node.gradient.size(); ++i)
      gradient_of(x).data()[i] +=
          node.gradient.data()[i] * derivative(value(x).data()[i], node.own.data()[i]);
  });
}

Tape::Var Tape::tanh(Var x) {
  return map(
      x, [](float v) { return std::tanh(v); }, [](float, float y) { return 1 - y * y; });
}

Tape::Var Tape::relu(Var x) {
  return map(
      x, [](float v) { return std::max(v, 0.0F); },
      [](float v, float) { return v > 0 ? 1.0F : 0.0F; });
}

Tape::Var Tape::signed_root(Var x) {
  constexpr float kSmall = 1e-6F;
  return map(
      x, [](float v) { return v == 0 ? 0.0F : std::copysign(std::sqrt(std::abs(v) + kSmall), v); },
      [](float, float y) { return y == 0 ? 0.0F : 0.5F / std::abs(y); });
}

Tape::Var Tape::lstm(Var gates, Var cell) {
  const std::size_t size = value(cell).cols();
  Matrix<float> y(value(cell).rows(), 2 * size);
  for (std::size_t m = 0; m < y.rows(); ++m) {
    std::ranges::copy(value(cell).row(m), y.row(m).begin());
    lstm_cell(value(gates).row(m), y.row(m).first(size), y.row(m).last(size));
  }
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t m = 0; m < node.own.rows(); ++m)
      for (std::size_t i = 0; i < size; ++i) {
        const std::span<const float> g = value(gates).row(m);
        const float in = sigmoid(g[i]), forget = sigmoid(g[size + i]);
        const float candidate = std::tanh(g[2 * size + i]), out = sigmoid(g[3 * size + i]);
        const float squashed = std::tanh(node.own(m, i));
        const float d_output = node.gradient(m, size + i);
        const float d_cell = node.gradient(m, i) + d_output * out * (1 - squashed * squashed);
        const std::span<float> d_gates = gradient_of(gates).row(m);
        d_gates[i] += d_cell * candidate * in * (1 - in);
        d_gates[size + i] += d_cell * value(cell)(m, i) * forget * (1 - forget);
        d_gates[2 * size + i] += d_cell * in * (1 - candidate * candidate);
        d_gates[3 * size + i] += d_output * squashed * out * (1 - out);
        gradient_of(cell)(m, i) += d_cell * forget;
      }
  });
}

Tape::Var Tape::columns(Var x, std::size_t first, std::size_t count) {
  return push(attribution::columns(value(x), first, count), [=, this](const Node& node) {
    for (std::size_t m = 0; m < node.gradient.rows(); ++m)
      attribution::add_to(gradient_of(x).row(m).subspan(first, count), node.gradient.row(m));
  });
}

Tape::Var Tape::rows(Var x, std::size_t first, std::size_t count) {
  Matrix<float> y(count, value(x).cols());
  for (std::size_t m = 0; m < count; ++m)
    std::ranges::copy(value(x).row(first + m), y.row(m).begin());
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t m = 0; m < count; ++m)
      attribution::add_to(gradient_of(x).row(first + m), node.gradient.row(m));
  });
}

Tape::Var Tape::gather(Var x, std::vector<std::uint32_t> rows) {
  Matrix<float> y = attribution::gather(value(x), rows);
  return push(std::move(y), [=, this, rows = std::move(rows)](const Node& node) {
    for (std::size_t m = 0; m < rows.size(); ++m)
      attribution::add_to(gradient_of(x).row(rows[m]), node.gradient.row(m));
  });
}

Tape::Var Tape::beside(const std::vector<Var>& parts) {
  std::size_t cols = 0;
  for (const Var part : parts) cols += value(part).cols();
  Matrix<float> y(value(parts.front()).rows(), cols);
  std::size_t first = 0;
  for (const Var part : parts) {
    for (std::size_t m = 0; m < y.rows(); ++m)
      std::ranges::copy(value(part).row(m), y.row(m).subspan(first).begin());
    first += value(part).cols();
  }
  return push(std::move(y), [=, this](const Node& node) {
    std::size_t at = 0;
    for (const Var part : parts) {
      const std::size_t count = value(part).cols();
      for (std::size_t m = 0; m < node.gradient.rows(); ++m)
        attribution::add_to(gradient_of(part).row(m), node.gradient.row(m).subspan(at, count));
      at += count;
    }
  });
}

Tape::Var Tape::below(const std::vector<Var>& parts) {
  std::vector<float> values;
  for (const Var part : parts)
    values.insert(values.end(), value(part).values().begin(), value(part).values().end());
  const std::size_t cols = value(parts.front()).cols(), all = values.size() / cols;
  Matrix<float> y(all, cols, std::move(values));
  return push(std::move(y), [=, this](const Node& node) {
    std::size_t first = 0;
    for (const Var part : parts)
      for (std::size_t m = 0; m < value(part).rows(); ++m, ++first)
        attribution::add_to(gradient_of(part).row(m), node.gradient.row(first));
  });
}

Tape::Var Tape::softmax(Var column, const Groups& groups) {
  const Matrix<float>& x = value(column);
  std::vector<float> most(groups.count, -std::numeric_limits<float>::infinity());
  std::vector<float> sums(groups.count);
  Matrix<float> y(x.rows(), 1);
  for (std::size_t m = 0; m < x.rows(); ++m)
    most[groups.of_row[m]] = std::max(most[groups.of_row[m]], x(m, 0));
  for (std::size_t m = 0; m < x.rows(); ++m) {
    y(m, 0) = std::exp(x(m, 0) - most[groups.of_row[m]]);
    sums[groups.of_row[m]] += y(m, 0);
  }
  for (std::size_t m = 0; m < x.rows(); ++m) y(m, 0) /= sums[groups.of_row[m]];
  return push(std::move(y), [=, this](const Node& node) {
    std::vector<float> dots(groups.count);
    for (std::size_t m = 0; m < node.own.rows(); ++m)
      dots[groups.of_row[m]] += node.gradient(m, 0) * node.own(m, 0);
    for (std::size_t m = 0; m < node.own.rows(); ++m)
      gradient_of(column)(m, 0) += node.own(m, 0) * (node.gradient(m, 0) - dots[groups.of_row[m]]);
  });
}

Tape::Var Tape::sum_groups(Var x, const Groups& groups) {
  Matrix<float> y(groups.count, value(x).cols());
  for (std::size_t m = 0; m < value(x).rows(); ++m)
    attribution::add_to(y.row(groups.of_row[m]), value(x).row(m));
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t m = 0; m < value(x).rows(); ++m)
      attribution::add_to(gradient_of(x).row(m), node.gradient.row(groups.of_row[m]));
  });
}

Tape::Var Tape::unit_rows(Var x) {
  Matrix<float> y = value(x);
  std::vector<float> lengths(y.rows());
  for (std::size_t m = 0; m < y.rows(); ++m) {
    float squares = 0;
    for (const float element : y.row(m)) squares += element * element;
    lengths[m] = std::max(std::sqrt(squares), 1e-12F);
    for (float& element : y.row(m)) element /= lengths[m];
  }
  return push(std::move(y), [=, this](const Node& node) {
    for (std::size_t m = 0; m < node.own.rows(); ++m) {
      float dot = 0;
      for (std::size_t n = 0; n < node.own.cols(); ++n) dot += node.gradient(m, n) * node.own(m, n);
      for (std::size_t n = 0; n < node.own.cols(); ++n)
        gradient_of(x)(m, n) += (node.gradient(m, n) - dot * node.own(m, n)) / lengths[m];
    }
  });
}

Tape::Var Tape::reverse_gradient(Var x, float factor) {
  return push(value(x), [=, this](const Node& node) {
    for (std::size_t i = 0; i < node.gradient.size(); ++i)
      gradient_of(x).data()[i] -= factor * node.gradient.data()[i];
  });
}

Tape::Var Tape::binary_cross_entropy(Var logits, std::span<const std::uint8_t> labels) {
  const Matrix<float>& x = value(logits);
  const auto count = static_cast<float>(x.rows());
  Matrix<float> y(1, 1);
  for (std::size_t m = 0; m < x.rows(); ++m) {
    const float margin = labels[m] != 0 ? x(m, 0) : -x(m, 0);
    y(0, 0) += (std::max(-margin, 0.0F) + std::log1p(std::exp(-std::abs(margin)))) / count;
  }
  return push(std::move(y), [=, this,
                             truth = std::vector(labels.begin(), labels.end())](const Node& node) {
    for (std::size_t m = 0; m < truth.size(); ++m)
      gradient_of(logits)(m, 0) += node.gradient(0, 0) / count *
                                   (sigmoid(value(logits)(m, 0)) - static_cast<float>(truth[m]));
  });
}

Tape::Var Tape::cross_entropy(Var logits, std::span<const std::uint8_t> classes) {
  const Matrix<float>& x = value(logits);
  const auto count = static_cast<float>(x.rows());
  Matrix<float> shares = x, y(1, 1);
  for (std::size_t m = 0; m < x.rows(); ++m) {
    const float most = *std::ranges::max_element(x.row(m));
    float sum = 0;
    for (float& share : shares.row(m)) sum += share = std::exp(share - most);
    for (float& share : shares.row(m)) share /= sum;
    y(0, 0) += (most + std::log(sum) - x(m, classes[m])) / count;
  }
  return push(std::move(y),
              [=, this, truth = std::vector(classes.begin(), classes.end())](const Node& node) {
                for (std::size_t m = 0; m < truth.size(); ++m)
                  for (std::size_t c = 0; c < shares.cols(); ++c)
                    gradient_of(logits)(m, c) += node.gradient(0, 0) / count *
                                                 (shares(m, c) - (c == truth[m] ? 1.0F : 0.0F));
              });
}

Matrix<float>& Tape::gradient_of(Var x) {
  Node& node = nodes_[x];
  if (node.gradient.empty()) node.gradient = {node.value().rows(), node.value().cols()};
  return node.gradient;
}

void Tape::backward(Var loss) {
  gradient_of(loss)(0, 0) = 1;
  for (std::size_t i = loss + 1; i-- > 0;) {
    Node& node = nodes_[i];
    if (!node.backward || node.gradient.empty()) continue;
    node.backward(node);
    node.own = {};  // Nobody before it asks for it again.
    node.gradient = {};
  }
}

std::map<std::string, const Matrix<float>*> Tape::gradients() const {
  std::map<std::string, const Matrix<float>*> result;
  for (const auto& [name, var] : names_)
    if (!nodes_[var].gradient.empty()) result[name] = &nodes_[var].gradient;
  return result;
}

}  // namespace hasse::attribution
