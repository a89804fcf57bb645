# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GOLDEN_SOURCES
  attention/dense.cpp
  attention/head_gates.cpp
  attention/kv_codes.cpp
  attention/pages.cpp
  attention/streaming.cpp
  attention/top_p.cpp)
