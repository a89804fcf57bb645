// SPDX-License-Identifier: Apache-2.0
// Reading, checking and writing journeys.
#include "golden/attribution/journeys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace hasse::attribution {
namespace {

using tensor::FormatError;

[[noreturn]] void refuse(const Journeys& journeys, std::string_view field, std::size_t index,
                         std::string_view value, std::string_view expected) {
  throw FormatError(journeys.name, fmt::format("{}[{}]", field, index), value, expected);
}

void check_size(const Journeys& journeys, std::string_view field, std::size_t size,
                std::size_t expected) {
  if (size == expected) return;
  throw FormatError(journeys.name, field, fmt::format("{} long", size),
                    fmt::format("{} values", expected));
}

void check_offsets(const Journeys& journeys) {
  const auto& offsets = journeys.offsets;
  if (offsets.size() < 2) throw FormatError(journeys.name, "offsets", "without journeys", "some");
  if (offsets.front() != 0)
    refuse(journeys, "offsets", 0, std::to_string(offsets.front()), "0, the first touch");
  for (std::size_t j = 1; j < offsets.size(); ++j) {
    if (offsets[j] == offsets[j - 1])
      refuse(journeys, "offsets", j, std::to_string(offsets[j]),
             fmt::format("more than {}: journey {} is empty", offsets[j - 1], j - 1));
    if (offsets[j] < offsets[j - 1])
      refuse(journeys, "offsets", j, std::to_string(offsets[j]),
             fmt::format("more than {}, the offset before it", offsets[j - 1]));
  }
  if (static_cast<std::size_t>(offsets.back()) != journeys.touches())
    refuse(journeys, "offsets", offsets.size() - 1, std::to_string(offsets.back()),
           fmt::format("{}, the number of touches", journeys.touches()));
}

void check_sizes(const Journeys& journeys) {
  const std::size_t touches = journeys.touches(), count = journeys.offsets.size() - 1;
  check_size(journeys, "category", journeys.category.rows(), touches);
  check_size(journeys, "time", journeys.time.size(), touches);
  check_size(journeys, "cost", journeys.cost.size(), touches);
  check_size(journeys, "user", journeys.user.size(), count);
  check_size(journeys, "converted", journeys.converted.size(), count);
}

void check_touches(const Journeys& journeys) {
  for (std::size_t t = 0; t < journeys.touches(); ++t) {
    if (!std::isfinite(journeys.time[t]))
      refuse(journeys, "time", t, fmt::format("{}", journeys.time[t]), "a finite number");
    if (!(journeys.cost[t] >= 0) || !std::isfinite(journeys.cost[t]))
      refuse(journeys, "cost", t, fmt::format("{}", journeys.cost[t]), "a finite number from 0");
    for (const std::int16_t category : journeys.category.row(t))
      if (category < 0) refuse(journeys, "category", t, std::to_string(category), "0 or more");
  }
}

void check_journeys(const Journeys& journeys) {
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    if (journeys.converted[j] > 1)
      refuse(journeys, "converted", j, std::to_string(journeys.converted[j]), "0 or 1");
    if (journeys.user[j] < 0)
      refuse(journeys, "user", j, std::to_string(journeys.user[j]), "0 or more");
    for (std::size_t t = journeys.first(j) + 1; t < journeys.first(j + 1); ++t)
      if (journeys.time[t] < journeys.time[t - 1])
        refuse(
            journeys, "time", t, fmt::format("{}", journeys.time[t]),
            fmt::format("at least {}, the time before it in journey {}", journeys.time[t - 1], j));
  }
}

std::vector<std::string> split_names(const std::string& names) {
  std::vector<std::string> result;
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    result.push_back(names.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

template <class T>
tensor::TensorData row_data(std::string name, const std::vector<T>& values) {
  tensor::TensorData data =
      tensor::tensor_data(std::move(name), tensor::Matrix<T>(1, values.size(), values));
  data.shape = {values.size()};
  return data;
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from, std::size_t first, std::size_t count) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
            from.begin() + static_cast<std::ptrdiff_t>(first + count));
}

}  // namespace

std::size_t Journeys::channel_count() const {
  const auto most = std::ranges::max_element(channel);
  return std::max(channels.size(), most == channel.end() ? std::size_t{0} : *most + std::size_t{1});
}

std::string Journeys::channel_name(std::size_t channel_number) const {
  return channel_number < channels.size() ? channels[channel_number]
                                          : fmt::format("channel {}", channel_number);
}

Journeys parse_journeys(const tensor::Safetensors& file) {
  Journeys journeys;
  journeys.name = file.name();
  journeys.offsets = file.values<std::int32_t>("offsets");
  journeys.channel = file.values<std::uint8_t>("channel");
  journeys.category = file.matrix<std::int16_t>("category");
  journeys.time = file.values<float>("time");
  journeys.cost = file.values<float>("cost");
  journeys.user = file.values<std::int32_t>("user");
  journeys.converted = file.values<std::uint8_t>("converted");
  if (const auto names = file.metadata().find("channels"); names != file.metadata().end())
    journeys.channels = split_names(names->second);
  check_offsets(journeys);
  check_sizes(journeys);
  check_touches(journeys);
  check_journeys(journeys);
  return journeys;
}

Journeys load_journeys(const std::filesystem::path& path) {
  return parse_journeys(tensor::Safetensors::load(path));
}

void check(const Journeys& journeys, const Vocabulary& vocabulary) {
  const auto known = [&](std::string_view field, std::size_t index, long long value,
                         std::size_t size) {
    if (static_cast<std::size_t>(value) >= size)
      refuse(journeys, field, index, std::to_string(value),
             fmt::format("0..{}, what the model knows", size - 1));
  };
  if (journeys.category.cols() != vocabulary.categories.size())
    throw FormatError(journeys.name, "category", fmt::format("{} wide", journeys.category.cols()),
                      fmt::format("the model's {} columns", vocabulary.categories.size()));
  for (std::size_t t = 0; t < journeys.touches(); ++t) {
    known("channel", t, journeys.channel[t], vocabulary.channels);
    for (std::size_t column = 0; column < vocabulary.categories.size(); ++column)
      if (static_cast<std::size_t>(journeys.category(t, column)) >= vocabulary.categories[column])
        known(fmt::format("category column {}, touch ", column), t, journeys.category(t, column),
              vocabulary.categories[column]);
  }
  for (std::size_t j = 0; j < journeys.size(); ++j)
    known("user", j, journeys.user[j], vocabulary.users);
}

std::vector<tensor::TensorData> tensors_of(const Journeys& journeys) {
  return {row_data("offsets", journeys.offsets),
          row_data("channel", journeys.channel),
          tensor::tensor_data("category", journeys.category),
          row_data("time", journeys.time),
          row_data("cost", journeys.cost),
          row_data("user", journeys.user),
          row_data("converted", journeys.converted)};
}

void write_journeys(const std::filesystem::path& path, const Journeys& journeys) {
  std::map<std::string, std::string> metadata;
  if (!journeys.channels.empty())
    metadata["channels"] = fmt::format("{}", fmt::join(journeys.channels, ","));
  tensor::write_safetensors(path, tensors_of(journeys), metadata);
}

Journeys select(const Journeys& journeys, const std::vector<std::size_t>& which) {
  Journeys result;
  result.name = journeys.name;
  result.channels = journeys.channels;
  result.offsets = {0};
  std::vector<std::int16_t> categories;
  for (const std::size_t j : which) {
    const std::size_t first = journeys.first(j), count = journeys.length(j);
    append(result.channel, journeys.channel, first, count);
    append(result.time, journeys.time, first, count);
    append(result.cost, journeys.cost, first, count);
    append(categories, journeys.category.values(), first * journeys.category.cols(),
           count * journeys.category.cols());
    result.user.push_back(journeys.user[j]);
    result.converted.push_back(journeys.converted[j]);
    result.offsets.push_back(static_cast<std::int32_t>(result.channel.size()));
  }
  result.category = {result.channel.size(), journeys.category.cols(), std::move(categories)};
  return result;
}

}  // namespace hasse::attribution
