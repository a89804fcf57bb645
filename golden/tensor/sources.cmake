# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GOLDEN_SOURCES
  tensor/dtype.cpp
  tensor/file.cpp
  tensor/floats.cpp
  tensor/format_error.cpp
  tensor/gemm.cpp
  tensor/npy.cpp
  tensor/npy_header.cpp
  tensor/safetensors.cpp
  tensor/safetensors_header.cpp
  tensor/safetensors_stream.cpp)
list(APPEND HASSE_EIGEN_KERNELS tensor/gemm.cpp)
