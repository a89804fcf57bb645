# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GOLDEN_SOURCES
  attribution/arithmetic.cpp
  attribution/attribute.cpp
  attribution/causalmta.cpp
  attribution/coalitions.cpp
  attribution/dcrmta.cpp
  attribution/economics.cpp
  attribution/forest.cpp
  attribution/journeys.cpp
  attribution/layers.cpp
  attribution/metrics.cpp
  attribution/parameters.cpp
  attribution/predictor.cpp
  attribution/products.cpp
  attribution/synthetic.cpp
  attribution/tape.cpp
  attribution/training.cpp)
