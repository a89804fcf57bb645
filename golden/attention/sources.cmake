# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GOLDEN_SOURCES
  attention/dense.cpp
  attention/evaluate.cpp
  attention/figures.cpp
  attention/gate_training.cpp
  attention/gated_model.cpp
  attention/group_decoder.cpp
  attention/head_gates.cpp
  attention/kv_codes.cpp
  attention/pages.cpp
  attention/passkey.cpp
  attention/policy.cpp
  attention/policy_attention.cpp
  attention/policy_fields.cpp
  attention/policy_parse.cpp
  attention/streaming.cpp
  attention/top_p.cpp
  attention/units/attention_engine.cpp
  attention/units/block_walker.cpp
  attention/units/engine_operands.cpp
  attention/units/kv_quantizer.cpp
  attention/units/kv_scaler.cpp
  attention/units/page_scorer.cpp
  attention/units/selector.cpp
  attention/units/softmax_unit.cpp)
