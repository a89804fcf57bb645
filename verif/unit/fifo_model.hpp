// SPDX-License-Identifier: Apache-2.0
// stream_fifo as its header comment describes it, cycle for cycle.
#pragma once

#include <deque>

namespace hasse::unit {

/// A buffer of `depth` items. From depth 3 on the oldest item stands in a read register of its own,
/// which it reaches two cycles after it was taken.
template <class Item>
class FifoModel {
 public:
  explicit FifoModel(int depth) : depth_(depth) {}

  bool valid() const { return depth_ < 3 ? !items_.empty() : shown_; }
  bool ready() const { return static_cast<int>(items_.size()) < depth_; }
  const Item& front() const { return items_.front(); }
  std::size_t size() const { return items_.size(); }

  /// One cycle: `push`, if not null, is taken; `pop` removes the front.
  void tick(const Item* push, bool pop) {
    const std::size_t waiting = items_.size() - (shown_ ? 1U : 0U);
    if (pop) items_.pop_front();
    shown_ = depth_ >= 3 && ((waiting > 0 && (pop || !shown_)) || (shown_ && !pop));
    if (push != nullptr) items_.push_back(*push);
  }

 private:
  int depth_;
  bool shown_ = false;
  std::deque<Item> items_;
};

}  // namespace hasse::unit
