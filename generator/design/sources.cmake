# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GENERATOR_SOURCES
  design/allowed.cpp
  design/attention_combinations.cpp
  design/combinations.cpp
  design/defaults.cpp
  design/derived.cpp
  design/engine_config.cpp
  design/error.cpp
  design/fields.cpp
  design/nearest.cpp
  design/parse.cpp
  design/schema.cpp)
