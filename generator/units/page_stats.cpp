// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "generator/units/attention.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::Scope;
using hdl::Width;

constexpr int kBits = 8;  ///< Of a channel.

/// Whether a < b, both in two's complement.
Expr is_less(const Expr& a, const Expr& b) {
  return as_signed(a) < as_signed(b);
}

/// Builds the module, a section of it per function.
class PageStats {
 public:
  PageStats(const KeyBeats& keys, int page) : keys_(keys), page_(page) {}

  Module build() {
    m_.set_unit("page_stats");
    bounds(count());
    return m_;
  }

 private:
  Expr count();
  void bounds(const Expr& first_key);
  Expr last_of(const std::string& name, const Expr& counter, int count, const std::string& doc) {
    return m_.let(name, counter == lit(count - 1, counter.width()), doc);
  }

  KeyBeats keys_;
  int page_;
  Module m_{"page_stats",
            "Channel-wise extremes of pages of keys.\n"
            "With every beat of a key leave the extremes of its channels over the page so far.\n"
            "A page's first key replaces what was there."};
  Width channels_ = m_.localparam("Channels", keys_.channels, "Channels in a beat.");
  Width beats_ = m_.localparam("Beats", keys_.beats(), "Beats of a key.");
  Width bits_ = m_.localparam("ChannelBits", kBits, "Bits of a channel, two's complement.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr clear_ = m_.input("clear_i", 1, "The next key is the first of a sequence.");
  Expr key_ = m_.input("key_i", channels_* bits_, "Channels of a key, the first lowest.");
  Expr valid_ = m_.input("key_valid_i", 1, "They are valid.");
  Expr room_ = m_.input("bounds_ready_i", 1, "The extremes are taken.");
  Expr take_ = m_.let("take", valid_&& room_);
};

/// Which beat of which of a page's keys comes next; whether of the first.
Expr PageStats::count() {
  m_.section("Beat and key of the page");
  const Expr beat_q = m_.logic("beat_q", bits_for(keys_.beats() - 1));
  const Expr key_q = m_.logic("key_q", bits_for(page_ - 1));
  const Expr last_beat = last_of("last_beat", beat_q, keys_.beats(), "The key's last.");
  const Expr last_key = last_of("last_key", key_q, page_, "The page's last.");
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(beat_q, 0);
        b.assign(key_q, 0);
      },
      [&](Block& b) {
        b.when(clear_, [&](Block& t) {
           t.assign(beat_q, 0);
           t.assign(key_q, 0);
         }).else_when(take_, [&](Block& t) {
          t.assign(beat_q, mux(last_beat, 0, beat_q + 1));
          t.when(last_beat, [&](Block& u) { u.assign(key_q, mux(last_key, 0, key_q + 1)); });
        });
      });
  m_.assign(m_.output("key_ready_o", 1, "The channels are taken."), room_);
  m_.assign(m_.output("bounds_valid_o", 1, "The extremes are valid."), valid_);
  m_.assign(m_.output("page_end_o", 1, "They are those of the whole page."), last_key);
  return m_.let("first_key", key_q == 0);
}

/// The extremes of all beats stand in a ring, those of the next beat lowest.
void PageStats::bounds(const Expr& first_key) {
  m_.section("Extremes");
  const Expr max_q = m_.logic("max_q", beats_ * channels_ * bits_, "Ring, next beat lowest.");
  const Expr min_q = m_.logic("min_q", beats_ * channels_ * bits_, "The same.");
  const Expr max = m_.output("max_o", channels_ * bits_, "The largest so far, channel by channel.");
  const Expr min = m_.output("min_o", channels_ * bits_, "The smallest.");
  m_.generate_for("channel", channels_, "gen_channel", [&](Scope& s, const Expr& channel) {
    const Expr key = s.let("key", key_.lane(channel, bits_));
    const Expr before_max =
        s.let("before_max", max_q.slice(0, channels_ * bits_).lane(channel, bits_));
    const Expr before_min =
        s.let("before_min", min_q.slice(0, channels_ * bits_).lane(channel, bits_));
    s.assign(max.lane(channel, bits_), mux(first_key || is_less(before_max, key), key, before_max));
    s.assign(min.lane(channel, bits_), mux(first_key || is_less(key, before_min), key, before_min));
  });
  const int word = keys_.channels * kBits;
  const auto turned = [&](const Expr& ring, const Expr& latest) {
    return keys_.beats() == 1 ? latest
                              : cat({latest, ring.slice(word, word * (keys_.beats() - 1))});
  };
  m_.always_ff(clk_, [&](Block& b) {
    b.when(take_, [&](Block& t) {
      t.assign(max_q, turned(max_q, max));
      t.assign(min_q, turned(min_q, min));
    });
  });
}

}  // namespace

Module page_stats(const KeyBeats& keys, int page) {
  return PageStats(keys, page).build();
}

}  // namespace hasse::units
