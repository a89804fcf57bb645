// SPDX-License-Identifier: Apache-2.0
// Progress on a terminal.
#include "flows/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace hasse::flows {
namespace {

constexpr std::chrono::milliseconds interval(100);
constexpr const char* wipe_line = "\r\033[K";

}  // namespace

std::string progress_line(std::string_view what, double fraction) {
  return fraction < 0 ? fmt::format("{} ...", what)
                      : fmt::format("{} {:3.0f} %", what, 100 * std::min(fraction, 1.0));
}

Progress::Progress(std::FILE* stream) : stream_(stream), terminal_(isatty(fileno(stream)) == 1) {}

Progress::~Progress() {
  clear();
}

void Progress::show(std::string_view what, double fraction) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (what == last_what_ && now - last_time_ < interval)) {
    return;
  }
  fmt::print(stream_, "{}{}", wipe_line, progress_line(what, fraction));
  std::fflush(stream_);
  last_what_ = what;
  last_time_ = now;
  dirty_ = true;
}

void Progress::clear() {
  if (dirty_) {
    fmt::print(stream_, "{}", wipe_line);
    std::fflush(stream_);
    dirty_ = false;
  }
}

}  // namespace hasse::flows
