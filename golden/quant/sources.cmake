# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GOLDEN_SOURCES
  quant/affine.cpp
  quant/bits.cpp
  quant/group_scales.cpp
  quant/int4_layouts.cpp
  quant/olive_format.cpp
  quant/olive_pair.cpp
  quant/olive_quantize.cpp
  quant/outlier_planes.cpp
  quant/quantize.cpp)
