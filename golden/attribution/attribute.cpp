// SPDX-License-Identifier: Apache-2.0
// Attribution of many journeys: passes in batches, batches on threads.
#include "golden/attribution/attribute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>

#include "golden/attribution/coalitions.hpp"

namespace hasse::attribution {
namespace {

constexpr std::array<std::pair<std::string_view, Method>, 5> kMethods = {
    {{"shapley", Method::shapley},
     {"shapley-nonempty", Method::shapley_nonempty},
     {"published", Method::published},
     {"leave-one-out", Method::leave_one_out},
     {"last-touch", Method::last_touch}}};

/// Nodes of a batch: enough rows for the products, few enough for the cache.
constexpr std::size_t kBatchNodes = 2048;

bool is_shapley(Method method) {
  return method == Method::shapley || method == Method::shapley_nonempty;
}

/// Fills in the credits of one journey at a time.
class Attributor {
 public:
  Attributor(const Predictor& predictor, const Journeys& journeys, const AttributeOptions& options,
             Credits& credits)
      : predictor_(predictor), journeys_(journeys), options_(options), credits_(credits) {}

  bool is_sampled(std::size_t j) const {
    return is_shapley(options_.method) && journeys_.length(j) > options_.exact_touches;
  }

  /// About how many nodes journey `j` adds to a batch.
  std::size_t nodes(std::size_t j) const {
    const std::size_t n = journeys_.length(j);
    if (is_sampled(j)) return kBatchNodes;
    if (is_shapley(options_.method)) return std::size_t{1} << n;
    return options_.method == Method::published ? 32 * n : n * n;
  }

  /// Attributes `which`; sampled ones come alone.
  void attribute(const std::vector<std::size_t>& which) {
    if (is_sampled(which.front())) return sample(which.front());
    Batch batch = batch_of(which);
    std::vector<Plan> plans;
    for (std::size_t i = 0; i < which.size(); ++i) {
      Passes passes(batch, i, journeys_.first(which[i]));
      plans.push_back(plan(passes, journeys_.length(which[i])));
    }
    const std::vector<Verdict> verdicts = run(batch);
    for (std::size_t i = 0; i < which.size(); ++i) {
      const std::size_t j = which[i], length = journeys_.length(j);
      judge(j, verdicts[plans[i].whole]);
      std::vector<double> values = plans[i].values(length, verdicts);
      if (options_.method == Method::last_touch) values.back() = 1;
      put(j, values, std::vector<double>(length));
    }
  }

  /// Passes through the model, and journeys that were sampled.
  std::uint64_t passes() const { return passes_; }
  std::size_t sampled() const { return sampled_; }

 private:
  Batch batch_of(std::vector<std::size_t> which) const {
    Batch batch;
    batch.journeys = &journeys_;
    batch.which = std::move(which);
    return batch;
  }

  Plan plan(Passes& passes, std::size_t length) const {
    switch (options_.method) {
      case Method::published:
        return published_plan(passes, length);
      case Method::leave_one_out:
        return leave_one_out_plan(passes, length);
      case Method::last_touch:
        return whole_plan(passes, length);
      default:
        return exact_plan(passes, length, options_.method == Method::shapley);
    }
  }

  std::vector<Verdict> run(const Batch& batch) {
    passes_ += batch.passes.size();
    return predictor_.run(batch);
  }

  void judge(std::size_t j, const Verdict& verdict) {
    credits_.probability[j] = verdict.probability;
    credits_.effect[j] = verdict.effect;
  }

  void put(std::size_t j, const std::vector<double>& values, const std::vector<double>& errors) {
    const auto at = static_cast<std::ptrdiff_t>(journeys_.first(j));
    std::ranges::copy(values, credits_.values.begin() + at);
    std::ranges::copy(errors, credits_.standard_error.begin() + at);
    std::ranges::copy(normalised(values), credits_.credit.begin() + at);
  }

  /// Means over permutations and their reverses, whose errors partly cancel; a pair is one draw.
  void sample(std::size_t j) {
    const std::size_t length = journeys_.length(j), pairs = options_.samples / 2;
    std::vector<double> sums(length), squares(length);
    std::mt19937_64 random(options_.seed * 0x9e3779b97f4a7c15ULL + j);
    std::vector<std::size_t> order(length);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t done = 0; done < pairs;) {
      Batch batch = batch_of({j});
      Passes passes(batch, 0, journeys_.first(j));
      std::vector<Plan> plans;
      for (; done < pairs && batch.forest.size() < kBatchNodes; ++done) {
        for (std::size_t i = length - 1; i > 0; --i) std::swap(order[i], order[random() % (i + 1)]);
        add_pair(passes, order, plans);
      }
      const std::vector<Verdict> verdicts = run(batch);
      judge(j, verdicts[plans.front().whole]);
      for (std::size_t p = 0; p < plans.size(); p += 2) {
        const std::vector<double> forward = plans[p].values(length, verdicts);
        const std::vector<double> backward = plans[p + 1].values(length, verdicts);
        for (std::size_t t = 0; t < length; ++t) {
          const double mean = (forward[t] + backward[t]) / 2;
          sums[t] += mean;
          squares[t] += mean * mean;
        }
      }
    }
    put_means(j, sums, squares, static_cast<double>(pairs));
    ++sampled_;
  }

  void add_pair(Passes& passes, std::vector<std::size_t> order, std::vector<Plan>& plans) const {
    const bool count_empty = options_.method == Method::shapley;
    plans.push_back(permutation_plan(passes, order, count_empty));
    std::ranges::reverse(order);
    plans.push_back(permutation_plan(passes, order, count_empty));
  }

  /// Means, and their standard errors, of `draws` draws.
  void put_means(std::size_t j, std::vector<double> sums, const std::vector<double>& squares,
                 double draws) {
    std::vector<double> errors(sums.size());
    for (std::size_t t = 0; t < sums.size(); ++t) {
      sums[t] /= draws;
      const double variance = std::max(squares[t] / draws - sums[t] * sums[t], 0.0);
      errors[t] = std::sqrt(variance / (draws - 1));
    }
    put(j, sums, errors);
  }

  const Predictor& predictor_;
  const Journeys& journeys_;
  const AttributeOptions& options_;
  Credits& credits_;
  std::atomic<std::uint64_t> passes_{0};
  std::atomic<std::size_t> sampled_{0};
};

void check(const AttributeOptions& options) {
  if (options.exact_touches < 1 || options.exact_touches > 16)
    throw std::invalid_argument(
        fmt::format("exact_touches is {}, expected 1..16", options.exact_touches));
  if (options.samples < 4 || options.samples % 2 != 0)
    throw std::invalid_argument(
        fmt::format("samples is {}, expected an even number from 4", options.samples));
}

std::vector<std::vector<std::size_t>> batches(const Attributor& attributor, std::size_t journeys) {
  std::vector<std::vector<std::size_t>> result;
  std::size_t room = 0;
  for (std::size_t j = 0; j < journeys; ++j) {
    const std::size_t nodes = attributor.nodes(j);
    if (nodes > room) {
      result.emplace_back();
      room = kBatchNodes;
    }
    result.back().push_back(j);
    room -= std::min(room, nodes);
  }
  return result;
}

/// Calls `work(i)` for i = 0..count - 1 on `threads` threads; the first exception is thrown again.
void on_threads(unsigned threads, std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr error;
  std::mutex mutex;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next = count;
      }
  };
  {
    std::vector<std::jthread> pool;
    for (unsigned t = 1; t < threads; ++t) pool.emplace_back(run);
    run();
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace

std::string_view name_of(Method method) {
  return std::ranges::find(kMethods, method, [](const auto& m) { return m.second; })->first;
}

std::optional<Method> method_of(std::string_view name) {
  const auto found = std::ranges::find(kMethods, name, [](const auto& m) { return m.first; });
  return found == kMethods.end() ? std::nullopt : std::optional(found->second);
}

std::vector<double> normalised(std::vector<double> values) {
  for (double& value : values) value = std::max(value, 0.0);
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  if (sum > 0)
    for (double& value : values) value /= sum;
  return values;
}

Credits attribute(const Predictor& predictor, const Journeys& journeys,
                  const AttributeOptions& options, const ShareFn& progress) {
  check(options);
  check(journeys, predictor.vocabulary());
  Credits credits;
  credits.values.resize(journeys.touches());
  credits.standard_error.resize(journeys.touches());
  credits.credit.resize(journeys.touches());
  credits.probability.resize(journeys.size());
  credits.effect.resize(journeys.size());
  Attributor attributor(predictor, journeys, options, credits);
  const auto work = batches(attributor, journeys.size());
  std::mutex mutex;
  std::size_t done = 0;
  on_threads(std::max(options.threads, 1U), work.size(), [&](std::size_t i) {
    attributor.attribute(work[i]);
    const std::lock_guard lock(mutex);
    ++done;
    if (progress) progress(static_cast<double>(done) / static_cast<double>(work.size()));
  });
  credits.passes = attributor.passes();
  credits.sampled = attributor.sampled();
  return credits;
}

}  // namespace hasse::attribution
