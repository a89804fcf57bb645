# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GOLDEN_SOURCES
  model/awq.cpp
  model/config.cpp
  model/gradients.cpp
  model/integer_linear.cpp
  model/llama.cpp
  model/llama2c.cpp
  model/methods.cpp
  model/operators.cpp
  model/score.cpp
  model/tokenizer.cpp)
list(APPEND HASSE_EIGEN_KERNELS model/gradients.cpp model/operators.cpp)
