// SPDX-License-Identifier: Apache-2.0
#include "verif/unit/cover_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>

#include "golden/tensor/file.hpp"

namespace hasse::unit {
namespace {

namespace fs = std::filesystem;

constexpr std::array kPoints = {
    // Streams.
    CoverPoint{"stream_skid", "both_full", "valid_o && !ready_o"},
    CoverPoint{"stream_skid", "taken_and_given", "valid_i && ready_o && valid_o && ready_i"},
    CoverPoint{"stream_skid", "held_back", "valid_o && !ready_i && valid_i"},
    CoverPoint{"stream_fifo", "full", "!ready_o"},
    CoverPoint{"stream_fifo", "refuses", "valid_i && !ready_o"},
    CoverPoint{"stream_fifo", "empty_and_asked", "!valid_o && ready_i"},
    CoverPoint{"stream_fifo", "taken_and_given", "valid_i && ready_o && valid_o && ready_i"},
    CoverPoint{"stream_fork", "some_units_behind", "valid_i && (taken_q != '0)"},
    CoverPoint{"stream_fork", "all_at_once", "valid_i && ready_o && (taken_q == '0)"},
    CoverPoint{"stream_fork", "nobody_takes", "valid_i && (unit_ready_i == '0)"},
    CoverPoint{"ram_1r1w", "reads_and_writes", "read_enable_i && write_enable_i"},
    CoverPoint{"ram_1r1w", "reads_what_it_writes",
               "read_enable_i && write_enable_i && (read_address_i == write_address_i)"},
    // Control.
    CoverPoint{"gemm_control", "refuses_a_shape", "done_o && error_o"},
    CoverPoint{"gemm_control", "completes", "done_o && !error_o"},
    CoverPoint{"gemm_control", "ignores_a_start", "start_i && busy_o"},
    CoverPoint{"gemm_control", "stalls", "busy_o && stall_i"},
    CoverPoint{"array_control", "refuses_a_shape", "done_o && error_o"},
    CoverPoint{"array_control", "completes", "done_o && !error_o"},
    CoverPoint{"array_control", "units_end_apart",
               "running_q && (unit_done_i != '0) && !(&unit_done_i)"},
    CoverPoint{"work_splitter", "subtracts", "active_q && fits"},
    CoverPoint{"work_splitter", "does_not_subtract", "active_q && !fits"},
    CoverPoint{"axi_registers", "address_before_data", "awvalid_i && !wvalid_i"},
    CoverPoint{"axi_registers", "data_before_address", "wvalid_i && !awvalid_i"},
    CoverPoint{"axi_registers", "answer_waits", "bvalid_o && !bready_i"},
    CoverPoint{"axi_registers", "reading_waits", "rvalid_o && !rready_i"},
    CoverPoint{"axi_registers", "refuses_a_write", "bvalid_o && (bresp_o != '0)"},
    CoverPoint{"axi_registers", "refuses_a_read", "rvalid_o && (rresp_o != '0)"},
    CoverPoint{"axi_registers", "reads_and_writes", "bvalid_o && rvalid_o"},
    // Weights.
    CoverPoint{"weight_sequencer", "waits_for_operands",
               "active && weight_valid_i && !loaded_i && !standing_q"},
    CoverPoint{"weight_sequencer", "waits_for_room", "active && weight_valid_i && rows_full_i"},
    CoverPoint{"weight_sequencer", "waits_for_weights", "weight_ready_o && !weight_valid_i"},
    CoverPoint{"weight_dispatch", "waits_for_the_host", "weight_ready_o && !weight_valid_i"},
    CoverPoint{"weight_dispatch", "waits_for_lanes", "weight_valid_i && !weight_ready_o"},
    CoverPoint{"weight_dispatch", "a_lane_is_left_out", "fire && !(&has_row)"},
    CoverPoint{"tile_tracker", "ends_while_read", "tile_end_i && (read_i != '0)"},
    CoverPoint{"tile_tracker", "all_codes_zero", "(push_i != '0) && (push_zero_i == push_i)"},
    // Reading nodes.
    CoverPoint{"look_ahead", "a_later_code_overtakes", "grant && !free_0"},
    CoverPoint{"look_ahead", "nothing_to_claim", "(count_q != '0) && !grant"},
    CoverPoint{"look_ahead", "waits_for_its_tile", "code_valid_i && (built_i == '0)"},
    CoverPoint{"reorder_buffer", "out_of_order", "fill_i && fill_tag_i != head_q"},
    CoverPoint{"reorder_buffer", "no_room_for_a_row", "rows_full_i"},
    CoverPoint{"read_scheduler", "all_lanes_read", "&lane_read_o"},
    CoverPoint{"read_scheduler", "some_lanes_read", "(lane_read_o != '0) && !(&lane_read_o)"},
    CoverPoint{"prefix_banks", "built_and_read", "(write_i != '0) && (read_i != '0)"},
    CoverPoint{"prefix_banks", "a_parent_is_read", "parent_read_i != '0"},
    // Planners.
    CoverPoint{"lattice_planner", "waits_for_a_release", "active && !building_q && (&built_q)"},
    CoverPoint{"lattice_planner", "beyond_k", "load_o && load_zero_o"},
    CoverPoint{"lattice_planner", "corrections_full", "correction_full_i && active"},
    CoverPoint{"orbit_planner", "plan_waits_for_operands",
               "planned_q && activation_ready_o && !activation_valid_i"},
    CoverPoint{"orbit_planner", "a_phase_ends", "phase_done && !last_phase"},
    CoverPoint{"orbit_planner", "lanes_differ", "(lane_more != '0) && !(&lane_more)"},
    CoverPoint{"dynamic_planner", "searching", "searching && building_q"},
    CoverPoint{"dynamic_planner", "some_lanes_idle", "(valid != '0) && !(&valid)"},
    CoverPoint{"scoreboard", "all_lanes_picked", "&valid_o"},
    CoverPoint{"scoreboard", "nothing_wanted", "take_i && (present_i == '0)"},
    CoverPoint{"code_presence", "holds_codes_back", "hold_o && (code_valid_i != '0)"},
    CoverPoint{"static_table", "misses", "take_i && (missing != '0)"},
    CoverPoint{"static_table", "knows_all", "take_i && (missing == '0)"},
    CoverPoint{"program_checker", "wrong_signature", "fire && wrong_signature && is_check"},
    CoverPoint{"program_checker", "wrong_order", "fire && wrong_order"},
    CoverPoint{"program_checker", "wrong_header", "fire && wrong_header"},
    CoverPoint{"program_checker", "too_long", "fire && too_long"},
    CoverPoint{"program_checker", "queues_full", "weight_valid_i && !steps_ready_i"},
    CoverPoint{"program_reader", "waits_for_nodes", "there && (built_q == '0)"},
    CoverPoint{"program_reader", "waits_for_an_adder", "there && (waits != '0)"},
    // Sums and results.
    CoverPoint{"wide_accumulator", "no_room", "full_o"},
    CoverPoint{"wide_accumulator", "adds_and_is_read", "valid_i && read_i"},
    CoverPoint{"drain", "host_is_late", "result_valid_o && !result_ready_i"},
    CoverPoint{"drain", "a_narrow_tile", "issue && last_phase && !(&columns_sent)"},
    CoverPoint{"drain", "last_result", "result_valid_o && result_ready_i && result_last_o"},
    CoverPoint{"result_merge", "waits_for_its_turn", "(unit_valid_i != '0) && !valid_o"},
    CoverPoint{"result_merge", "drops_a_row", "take && !keep"},
    CoverPoint{"group_scaler", "first_and_only_group", "valid_i && first_group_i && last_group_i"},
    CoverPoint{"group_scaler", "a_group_between", "valid_i && !first_group_i && !last_group_i"},
    CoverPoint{"group_scaler", "requantises", "result_valid_o && requantise_i"},
    CoverPoint{"group_scaler", "host_is_late", "result_valid_o && !result_ready_i"},
    CoverPoint{"requantiser", "saturates", "!fits"},
    CoverPoint{"requantiser", "of_a_negative", "negative_q"},
    // Arrays of pairs.
    CoverPoint{"olive_sequencer", "waits_for_a_stream", "waits_o"},
    CoverPoint{"olive_sequencer", "waits_for_rows", "(open_q != '0) && !can_go && weight_valid_i"},
    CoverPoint{"olive_rows", "read_while_written", "read_i && (writes != '0)"},
    // Attention: pages.
    CoverPoint{"kv_quantizer", "no_range", "code_valid_o && (range_o == '0)"},
    CoverPoint{"kv_quantizer", "short_codes", "code_valid_o && short_i && code_last_o"},
    CoverPoint{"kv_quantizer", "codes_wait", "code_valid_o && !code_ready_i"},
    CoverPoint{"page_stats", "first_key_replaces", "take && first_key && !last_key"},
    CoverPoint{"page_stats", "page_ends", "take && page_end_o && !first_key"},
    CoverPoint{"page_stats", "memory_is_late", "key_valid_i && !bounds_ready_i"},
    CoverPoint{"page_scorer", "score_waits", "score_valid_o && !score_ready_i && bounds_valid_i"},
    CoverPoint{"page_scorer", "next_page_at_once", "score_valid_o && score_ready_i && take"},
    CoverPoint{"page_reducer", "a_later_one_is_larger",
               "logical_valid_i && ready && larger && (taken_q != '0)"},
    CoverPoint{"page_reducer", "list_ends_with_a_first",
               "logical_valid_i && ready && logical_last_i && (taken_q == '0)"},
    CoverPoint{"page_reducer", "score_waits", "score_valid_o && !score_ready_i && logical_valid_i"},
    CoverPoint{"page_lister", "nobody_keeps_any",
               "masks_valid_i && masks_ready_o && !page_valid_o"},
    CoverPoint{"page_lister", "all_columns_keep_it", "page_valid_o && (&own_o)"},
    CoverPoint{"page_lister", "pages_are_left", "masks_valid_i && !masks_ready_o"},
    CoverPoint{"reuse_cache", "due_by_the_interval", "due && (&held_q)"},
    CoverPoint{"reuse_cache", "due_without_a_list", "!due && (held_q != '0) && !(&held_q)"},
    CoverPoint{"stream_addresser", "oldest_is_replaced", "advance_i && full && !clear_i"},
    CoverPoint{"stream_addresser", "lists_a_full_ring", "list_valid_o && full && list_last_o"},
    CoverPoint{"stream_addresser", "lists_nothing", "list_i && (blocks_q == '0)"},
    CoverPoint{"block_walker", "sink_next_to_local",
               "take && prefill_i && (sink_i != '0) && (local_i != '0) && (nearest == sink_i)"},
    CoverPoint{"block_walker", "skips_blocks",
               "take && prefill_i && !half_end && (following != further)"},
    CoverPoint{"block_walker", "causal_and_partly_filled",
               "take && causal_o && (page == last_page_i)"},
    CoverPoint{"block_walker", "list_is_late", "active_q && !prefill_i && !list_valid_i"},
    // Attention: choice.
    CoverPoint{"selector", "a_tie_is_cut", "mask_valid_o && !decided && !by_mass_i"},
    CoverPoint{"selector", "forced_ones_reach_the_target",
               "settle_q[0] && !short_of && (reached_q != '0)"},
    CoverPoint{"selector", "all_are_kept", "narrowing && !decided && !found"},
    CoverPoint{"selector", "threshold_in_the_last_digit", "tail_q[2] && !decided && found"},
    CoverPoint{"selector", "a_scan_is_skipped",
               "walked && !tail_q[2] && !decided && found && exact && !by_mass_i"},
    // Attention: tokens.
    CoverPoint{"key_scaler", "saturates", "!fits"},
    CoverPoint{"key_scaler", "no_room_to_round_up", "fits && shifted_32[0] && (low == 8'd127)"},
    CoverPoint{"key_scaler", "short_codes", "short_i && (range_i != '0)"},
    CoverPoint{"value_scaler", "weight_saturates", "product_valid_q && over"},
    CoverPoint{"value_scaler", "begins_with_a_token", "begin_i && valid_i"},
    CoverPoint{"value_scaler", "adds_to_both_sums",
               "product_valid_q && weight_valid_q && !begin_i && short_i"},
    CoverPoint{"softmax_unit", "a_new_largest_in_mid_row", "add && rises && !empty_q"},
    CoverPoint{"softmax_unit", "all_are_masked", "summed && weight_masked_q && empty_q"},
    CoverPoint{"softmax_unit", "a_weight_is_shifted_out", "add && weight_gone"},
    CoverPoint{"softmax_unit", "the_sum_is_shifted_out", "add && !empty_q && earlier_gone"},
    CoverPoint{"softmax_unit", "sum_rounds_up_to_two", "known_q[1] && normal[17]"},
    CoverPoint{"softmax_unit", "a_probability_of_one", "product_valid_q && over && !nothing_q"},
    CoverPoint{"memory_stream", "another_lap", "read && lap_end && (next_lap_q != last_lap_i)"},
    CoverPoint{"memory_stream", "one_word", "read && lap_end && (next_q == '0)"},
    CoverPoint{"memory_stream", "word_waits", "valid_o && !ready_i"},
    CoverPoint{"memory_stream", "begins_anew", "begin_i && active_q"},
    // The attention engine: steps that it refuses.
    CoverPoint{"attention_engine", "no_pages", "start_i && !busy_o && (pages_i == '0)"},
    CoverPoint{"attention_engine", "no_source", "start_i && !busy_o && (&source_i)"},
    CoverPoint{"attention_engine", "no_places",
               "start_i && !busy_o && by_score && (places_i == '0)"},
    CoverPoint{"attention_engine", "no_scores",
               "start_i && !busy_o && by_score && (logical_i == '0)"},
    CoverPoint{"attention_engine", "list_is_too_long", "listed && list_full"},
    CoverPoint{"attention_engine", "list_is_empty", "list_ends && list_fails"},
    // What it reads.
    CoverPoint{"attention_engine", "all_pages", "window_begins && (local_i == '0)"},
    CoverPoint{"attention_engine", "first_and_last_pages",
               "window_begins && (local_i != '0) && (sink_i != '0)"},
    CoverPoint{"attention_engine", "a_streaming_head", "slots_begin"},
    CoverPoint{"attention_engine", "ring_has_wrapped",
               "list_write && by_stream && slot_last && (listed_page < list_count_q)"},
    CoverPoint{"attention_engine", "pages_by_their_scores", "queries_end && choose"},
    CoverPoint{"attention_engine", "kept_list_is_reused", "queries_end && by_score && !choose"},
    CoverPoint{"attention_engine", "another_list_ends_it", "list_end && !by_score && held_q"},
    CoverPoint{"attention_engine", "bounds_beyond_the_sequence", "bound_taken && !bound_inside"},
    CoverPoint{"attention_engine", "last_page_is_forced", "forced && candidate_valid"},
    CoverPoint{"attention_engine", "column_is_not_used", "choice_begins && !active_column"},
    CoverPoint{"attention_engine", "page_of_some_columns",
               "list_write && by_score && !(&listed_own)"},
    CoverPoint{"attention_engine", "pages_are_united",
               "list_write && everyone && unite_i && by_score && !(&row_own)"},
    CoverPoint{"attention_engine", "eight_bits", "product && (phase_q == PhaseValues) && !short_i"},
    CoverPoint{"attention_engine", "four_bits", "product && (phase_q == PhaseValues) && short_i"},
    CoverPoint{"attention_engine", "passes_over_values", "page_taken && (page_part != '0)"},
    // Tokens.
    CoverPoint{"attention_engine", "columns_see_their_own",
               "key_taken && owners_word[Columns] && (key_masked != '0) && !(&key_masked)"},
    CoverPoint{"attention_engine", "not_pruned", "scores_end && !prune_i"},
    CoverPoint{"attention_engine", "pruned", "scores_end && prune_i"},
    CoverPoint{"attention_engine", "no_mass", "scores_end && prune_i && (mass_i == '0)"},
    CoverPoint{"attention_engine", "page_is_left_out", "recounted_page && !value_write"},
    CoverPoint{"attention_engine", "page_is_read_for_nobody",
               "value_write && !page_needed_q && !token_seen"},
    CoverPoint{"attention_engine", "tokens_are_united",
               "recounted && anyone_keeps && !(&token_kept)"},
    // Waiting.
    CoverPoint{"attention_engine", "array_waits_for_memory",
               "data_to_weights && weight_ready && !memory_valid_i"},
    CoverPoint{"attention_engine", "memory_waits_for_array", "weight_valid && !weight_ready"},
    CoverPoint{"attention_engine", "memory_waits_for_scales", "scales_offered && !scales_ready"},
    CoverPoint{"attention_engine", "request_waits", "read_valid_o && !read_ready_i"},
    CoverPoint{"attention_engine", "requests_wait_for_tokens",
               "page_valid && (phase_q == PhaseWeights) && !index_ready"},
    CoverPoint{"attention_engine", "probability_waits_for_scales",
               "probability_valid && (phase_q == PhaseWeights) && !scale_valid"},
    CoverPoint{"attention_engine", "scales_wait_for_probability",
               "scale_valid && (phase_q == PhaseWeights) && !probability_valid"},
    CoverPoint{"attention_engine", "output_waits", "result_valid && out_valid_o && !out_ready_i"},
};

/// The signals of a module's text: every word in it.
std::set<std::string> words_of(const std::string& text) {
  static const std::regex kWord("[A-Za-z_][A-Za-z0-9_]*");
  std::set<std::string> words;
  for (std::sregex_iterator at(text.begin(), text.end(), kWord), end; at != end; ++at)
    words.insert(at->str());
  return words;
}

bool is_known(const CoverPoint& point, const std::set<std::string>& words) {
  const std::set<std::string> needed = words_of(point.when);
  return words.contains("clk_i") && std::ranges::includes(words, needed);
}

}  // namespace

std::span<const CoverPoint> cover_points() {
  return kPoints;
}

std::string module_of(const CoverPoint& point) {
  return fmt::format("cover_{}_{}", point.unit, point.name);
}

harness::RtlSource with_cover_points(const harness::RtlSource& source, const fs::path& file) {
  std::string text = "// A module a point, by which the simulator tells them apart.\n";
  harness::RtlSource covered = source;
  for (std::string& name : covered.files) {
    const fs::path path = source.root / name;
    const std::string module = path.stem().string();
    const std::set<std::string> words = words_of(tensor::read_file(path));
    for (const CoverPoint& point : kPoints)
      if (module == point.unit && is_known(point, words))
        text += fmt::format(
            "module {0}(input logic clk_i, input logic met_i);\n"
            "  met: cover property (@(posedge clk_i) met_i);\nendmodule\n"
            "bind {1} {0} u_{0} (.clk_i(clk_i), .met_i({2}));\n",
            module_of(point), module, point.when);
    name = path.string();
  }
  tensor::write_file(file, text);
  covered.files.push_back(file.string());
  return covered;
}

}  // namespace hasse::unit
