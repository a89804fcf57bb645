// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/axi_lite.hpp"

namespace hasse::harness {

AxiLiteMaster::AxiLiteMaster(Model& model, const std::string& prefix)
    : aw_{model.port(prefix + "_awvalid_i"), model.port(prefix + "_awready_o")},
      w_{model.port(prefix + "_wvalid_i"), model.port(prefix + "_wready_o")},
      ar_{model.port(prefix + "_arvalid_i"), model.port(prefix + "_arready_o")},
      awaddr_(model.port(prefix + "_awaddr_i")),
      wdata_(model.port(prefix + "_wdata_i")),
      wstrb_(model.port(prefix + "_wstrb_i")),
      araddr_(model.port(prefix + "_araddr_i")),
      bvalid_(model.port(prefix + "_bvalid_o")),
      bready_(model.port(prefix + "_bready_i")),
      bresp_(model.port(prefix + "_bresp_o")),
      rvalid_(model.port(prefix + "_rvalid_o")),
      rready_(model.port(prefix + "_rready_i")),
      rdata_(model.port(prefix + "_rdata_o")),
      rresp_(model.port(prefix + "_rresp_o")) {
  abandon();
}

void AxiLiteMaster::set_stall(double stall, std::uint64_t seed) {
  stall_ = stall;
  random_ = Random(seed);
}

void AxiLiteMaster::write(std::uint32_t address, std::uint32_t data, WriteDone done,
                          unsigned strobe) {
  queue_.push_back({true, address, data, strobe, std::move(done)});
}

void AxiLiteMaster::read(std::uint32_t address, ReadDone done) {
  queue_.push_back({false, address, 0, 0, {}, std::move(done)});
}

void AxiLiteMaster::abandon() {
  queue_.clear();
  for (Channel* channel : {&aw_, &w_, &ar_}) {
    channel->offering = false;
    channel->valid.set(0);
  }
  bready_.set(0);
  rready_.set(0);
}

void AxiLiteMaster::offer(Channel& channel, bool wanted) {
  if (!channel.offering) channel.offering = wanted && !(stall_ > 0 && random_.chance(stall_));
  channel.valid.set(channel.offering ? 1 : 0);
}

void AxiLiteMaster::drive() {
  const bool some = !queue_.empty();
  const Access none;
  const Access& now = some ? queue_.front() : none;
  offer(aw_, some && now.is_write && !now.address_sent);
  offer(w_, some && now.is_write && !now.data_sent);
  offer(ar_, some && !now.is_write && !now.address_sent);
  // What stands beside a low valid is noise.
  const auto noise = static_cast<std::uint32_t>(random_.next());
  awaddr_.set((aw_.offering ? now.address : noise) & 0xffU);
  araddr_.set((ar_.offering ? now.address : noise) & 0xffU);
  wdata_.set(w_.offering ? now.data : noise);
  wstrb_.set(w_.offering ? now.strobe : noise & 15U);
  bready_.set(stall_ > 0 && random_.chance(stall_) ? 0 : 1);
  rready_.set(stall_ > 0 && random_.chance(stall_) ? 0 : 1);
}

bool AxiLiteMaster::taken(Channel& channel) {
  if (!channel.offering || !channel.ready.is_set()) return false;
  channel.offering = false;
  return true;
}

void AxiLiteMaster::sample() {
  if (queue_.empty()) return;
  Access& now = queue_.front();
  const bool answered = now.address_sent && (now.data_sent || !now.is_write);
  if (taken(aw_) || taken(ar_)) now.address_sent = true;
  if (taken(w_)) now.data_sent = true;
  if (!answered) return;
  if (now.is_write && bvalid_.is_set() && bready_.is_set())
    answer_write();
  else if (!now.is_write && rvalid_.is_set() && rready_.is_set())
    answer_read();
}

void AxiLiteMaster::answer_write() {
  const WriteDone done = std::move(queue_.front().written);
  queue_.pop_front();
  if (done) done(static_cast<AxiResponse>(bresp_.get()));
}

void AxiLiteMaster::answer_read() {
  const ReadDone done = std::move(queue_.front().read);
  queue_.pop_front();
  if (done) done(static_cast<std::uint32_t>(rdata_.get()), static_cast<AxiResponse>(rresp_.get()));
}

}  // namespace hasse::harness
