// SPDX-License-Identifier: Apache-2.0
// Reads and writes .npy files.
#include "golden/tensor/npy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "golden/tensor/file.hpp"
#include "golden/tensor/npy_header.hpp"

namespace hasse::tensor {
namespace {

static_assert(std::endian::native == std::endian::little, "element bytes are copied as they are");

constexpr std::string_view kMagic{"\x93NUMPY", 6};
constexpr std::size_t kAlignment = 64;

struct Descr {
  std::string_view text;
  Dtype dtype;
};
constexpr std::array<Descr, 9> kDescrs{{{"|i1", Dtype::i8},
                                        {"<i1", Dtype::i8},
                                        {"<i2", Dtype::i16},
                                        {"<i4", Dtype::i32},
                                        {"<i8", Dtype::i64},
                                        {"|u1", Dtype::u8},
                                        {"<u1", Dtype::u8},
                                        {"<u2", Dtype::u16},
                                        {"<f4", Dtype::f32}}};

/// The fields in front of the dictionary.
struct Preamble {
  std::size_t header_begin;
  std::size_t data_begin;
};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

void need(std::string_view bytes, std::uint64_t size, std::string_view part,
          const std::string& name) {
  if (bytes.size() >= size) return;
  throw FormatError(name, "file", fmt::format("{} bytes", bytes.size()),
                    fmt::format("at least {} for {}", size, part));
}

Preamble parse_preamble(std::string_view bytes, const std::string& name) {
  need(bytes, 8, "magic and version", name);
  const std::string_view magic = bytes.substr(0, kMagic.size());
  if (magic != kMagic) throw FormatError(name, "magic", magic, "\\x93NUMPY");
  const auto major = static_cast<unsigned char>(bytes[6]);
  const auto minor = static_cast<unsigned char>(bytes[7]);
  if ((major != 1 && major != 2) || minor != 0) {
    throw FormatError(name, "version", fmt::format("{}.{}", major, minor), "1.0 or 2.0");
  }
  const std::size_t length_size = major == 1 ? 2 : 4;
  const std::size_t begin = 8 + length_size;
  need(bytes, begin, "the header length", name);
  const std::uint64_t length = little_endian(bytes.substr(8, length_size));
  need(bytes, begin + length, "the header", name);
  return {begin, begin + length};
}

Dtype parse_descr(const std::string& descr, const std::string& name) {
  const auto* found = std::ranges::find(kDescrs, std::string_view(descr), &Descr::text);
  if (found == kDescrs.end()) {
    throw FormatError(name, "descr", descr, "|i1, <i2, <i4, <i8, |u1, <u2 or <f4");
  }
  return found->dtype;
}

void check_shape(const std::vector<std::uint64_t>& shape, const std::string& name) {
  const auto fits = [](std::uint64_t side) { return side >= 1 && side <= kMaxNpySide; };
  if (shape.size() == 2 && std::ranges::all_of(shape, fits)) return;
  throw FormatError(name, "shape", fmt::format("({})", fmt::join(shape, ", ")),
                    fmt::format("two sides of 1 to {}", kMaxNpySide));
}

void check_header(const NpyHeader& header, const std::string& name) {
  if (header.fortran_order) throw FormatError(name, "fortran_order", "True", "False (C order)");
  check_shape(header.shape, name);
}

template <class T>
Matrix<T> take(std::string_view data, const NpyHeader& header, const std::string& name) {
  const std::uint64_t rows = header.shape[0];
  const std::uint64_t cols = header.shape[1];
  if (data.size() % sizeof(T) != 0 || data.size() / sizeof(T) != rows * cols) {
    throw FormatError(name, "data", fmt::format("{} bytes", data.size()),
                      fmt::format("{} x {} elements of {} bytes", rows, cols, sizeof(T)));
  }
  Matrix<T> matrix(rows, cols);
  std::memcpy(matrix.data(), data.data(), data.size());
  return matrix;
}

}  // namespace

Dtype dtype_of(const NpyArray& array) {
  return std::visit([]<class T>(const Matrix<T>&) { return kDtypeOf<T>; }, array);
}

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  const auto [header_begin, data_begin] = parse_preamble(bytes, name);
  const NpyHeader header =
      parse_npy_header(bytes.substr(header_begin, data_begin - header_begin), name);
  const Dtype dtype = parse_descr(header.descr, name);
  check_header(header, name);
  const std::string_view data = bytes.substr(data_begin);
  if (dtype == Dtype::i8) return take<std::int8_t>(data, header, name);
  if (dtype == Dtype::i16) return take<std::int16_t>(data, header, name);
  if (dtype == Dtype::i32) return take<std::int32_t>(data, header, name);
  if (dtype == Dtype::i64) return take<std::int64_t>(data, header, name);
  if (dtype == Dtype::u8) return take<std::uint8_t>(data, header, name);
  if (dtype == Dtype::u16) return take<std::uint16_t>(data, header, name);
  return take<float>(data, header, name);
}

NpyArray read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path), path.string());
}

template <class T>
std::string format_npy(const Matrix<T>& matrix, const std::string& name) {
  check_shape({matrix.rows(), matrix.cols()}, name);
  const auto* descr = std::ranges::find(kDescrs, kDtypeOf<T>, &Descr::dtype);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}, {}), }}",
                                   descr->text, matrix.rows(), matrix.cols());
  const std::size_t used = kMagic.size() + 4 + header.size() + 1;
  header.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
            static_cast<char>(header.size() >> 8)};
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(matrix.data()), matrix.size() * sizeof(T));
  return bytes;
}

template <class T>
void write_npy(const std::filesystem::path& path, const Matrix<T>& matrix) {
  write_file(path, format_npy(matrix, path.string()));
}

template std::string format_npy(const Matrix<std::int8_t>&, const std::string&);
template std::string format_npy(const Matrix<std::int16_t>&, const std::string&);
template std::string format_npy(const Matrix<std::uint8_t>&, const std::string&);
template std::string format_npy(const Matrix<std::uint16_t>&, const std::string&);
template std::string format_npy(const Matrix<std::int32_t>&, const std::string&);
template std::string format_npy(const Matrix<std::int64_t>&, const std::string&);
template std::string format_npy(const Matrix<float>&, const std::string&);
template void write_npy(const std::filesystem::path&, const Matrix<std::int8_t>&);
template void write_npy(const std::filesystem::path&, const Matrix<std::int16_t>&);
template void write_npy(const std::filesystem::path&, const Matrix<std::uint8_t>&);
template void write_npy(const std::filesystem::path&, const Matrix<std::uint16_t>&);
template void write_npy(const std::filesystem::path&, const Matrix<std::int32_t>&);
template void write_npy(const std::filesystem::path&, const Matrix<std::int64_t>&);
template void write_npy(const std::filesystem::path&, const Matrix<float>&);

}  // namespace hasse::tensor
