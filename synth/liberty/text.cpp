// SPDX-License-Identifier: Apache-2.0
// zlib reads compressed and plain files through one interface.
#include "synth/liberty/text.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "synth/error.hpp"

namespace hasse::synth {
namespace {

struct CloseFile {
  void operator()(gzFile file) const { gzclose(file); }
};

using OpenFile = std::unique_ptr<gzFile_s, CloseFile>;

[[noreturn]] void fail(const std::filesystem::path& file, gzFile handle) {
  int code = 0;
  const char* reason = gzerror(handle, &code);
  throw InputError(fmt::format("{}: cannot be read: {}", file.string(),
                               code == Z_ERRNO ? std::strerror(errno) : reason));
}

}  // namespace

std::string read_text(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw InputError(fmt::format("{}: there is no such file", file.string()));
  }
  const OpenFile handle(gzopen(file.c_str(), "rb"));
  if (!handle) {
    throw InputError(fmt::format("{}: cannot be opened: {}", file.string(), std::strerror(errno)));
  }
  std::string text;
  std::array<char, 1 << 16> buffer{};
  for (;;) {
    const int count = gzread(handle.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    int code = Z_OK;
    gzerror(handle.get(), &code);
    if (count < 0 || code == Z_BUF_ERROR) {
      fail(file, handle.get());
    }
    if (count == 0) {
      return text;
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace hasse::synth
