// SPDX-License-Identifier: Apache-2.0
// Running channel-wise extremes of pages of keys, real or integer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace hasse::attention {

/// The largest and the smallest value of every channel over the keys of every page; the last page
/// may be partly filled. Quest section 3, Algorithm 1. A page's first key replaces whatever was
/// there: LServe's published kernel leaves that out and so reads memory that was never set.
template <class T>
class PageExtremes {
 public:
  /// Pages of `page` tokens, keys of `dim` channels.
  PageExtremes(std::size_t page, std::size_t dim) : page_(page), dim_(dim) {}

  /// Takes the next token's key [dim].
  void append(std::span<const T> key) {
    if (tokens_++ % page_ == 0) {
      max_.insert(max_.end(), key.begin(), key.end());
      min_.insert(min_.end(), key.begin(), key.end());
      return;
    }
    const std::size_t begin = max_.size() - dim_;
    for (std::size_t d = 0; d < dim_; ++d) {
      max_[begin + d] = std::max(max_[begin + d], key[d]);
      min_[begin + d] = std::min(min_[begin + d], key[d]);
    }
  }

  std::size_t tokens() const { return tokens_; }
  /// Pages with at least one token.
  std::size_t pages() const { return (tokens_ + page_ - 1) / page_; }

  /// Channel maxima [dim] of page `p`.
  std::span<const T> max(std::size_t p) const { return {max_.data() + p * dim_, dim_}; }
  /// Channel minima [dim] of page `p`.
  std::span<const T> min(std::size_t p) const { return {min_.data() + p * dim_, dim_}; }

 private:
  std::size_t page_;
  std::size_t dim_;
  std::size_t tokens_ = 0;
  std::vector<T> max_;
  std::vector<T> min_;
};

}  // namespace hasse::attention
