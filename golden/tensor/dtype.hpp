// SPDX-License-Identifier: Apache-2.0
// Element types that tensors have in files, and the C++ types they are read into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hasse::tensor {

/// Element type of a stored tensor. All are little endian in a file.
enum class Dtype { i8, i16, i32, i64, u8, f16, bf16, f32, u16 };

/// Bytes that one element of `dtype` takes in a file.
std::size_t size_of(Dtype dtype);

/// Plain name of `dtype`, as in messages: "int8", "float16", ...
std::string_view name_of(Dtype dtype);

/// The `Dtype` a C++ element type is stored as; undefined for every other type.
template <class T>
inline constexpr Dtype kDtypeOf = T::no_dtype_for_this_type;
template <>
inline constexpr Dtype kDtypeOf<std::int8_t> = Dtype::i8;
template <>
inline constexpr Dtype kDtypeOf<std::int16_t> = Dtype::i16;
template <>
inline constexpr Dtype kDtypeOf<std::int32_t> = Dtype::i32;
template <>
inline constexpr Dtype kDtypeOf<std::int64_t> = Dtype::i64;
template <>
inline constexpr Dtype kDtypeOf<std::uint8_t> = Dtype::u8;
template <>
inline constexpr Dtype kDtypeOf<std::uint16_t> = Dtype::u16;
template <>
inline constexpr Dtype kDtypeOf<float> = Dtype::f32;

}  // namespace hasse::tensor
