// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/axi_check.hpp"

#include <fmt/format.h>

#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

void read_all(const std::vector<Port>& ports, std::vector<std::uint32_t>& words) {
  std::size_t at = 0;
  for (const Port& port : ports) {
    words.resize(at + port.word_count());
    port.read(&words[at]);
    at += port.word_count();
  }
}

}  // namespace

bool ChannelRule::cycle(bool valid, bool ready, const std::vector<std::uint32_t>& payload) {
  if (waiting_ && !valid) throw ProtocolError(name_ + ": valid fell before ready answered");
  if (waiting_ && payload != held_)
    throw ProtocolError(name_ + ": what is offered changed before ready answered");
  waiting_ = valid && !ready;
  if (waiting_) held_ = payload;
  return valid && ready;
}

void AnswerRule::check_response(std::uint64_t response) {
  if (response != 0 && response != 2)
    throw ProtocolError(fmt::format("response {} is neither OKAY nor SLVERR", response));
}

void AnswerRule::cycle_write(bool address, bool data, bool offered, bool answered,
                             std::uint64_t response) {
  if (offered) check_response(response);
  if (offered && (writes_ >= addresses_ || writes_ >= data_))
    throw ProtocolError("a write is answered before its address and data were taken");
  addresses_ += address ? 1 : 0;
  data_ += data ? 1 : 0;
  writes_ += answered ? 1 : 0;
}

void AnswerRule::cycle_read(bool address, bool offered, bool answered, std::uint64_t response) {
  if (offered) check_response(response);
  if (offered && answers_ >= reads_)
    throw ProtocolError("a read is answered before its address was taken");
  reads_ += address ? 1 : 0;
  answers_ += answered ? 1 : 0;
}

AxiStreamCheck::AxiStreamCheck(const Model& model, const std::string& prefix, bool from_module)
    : valid_(model.port(prefix + (from_module ? "_tvalid_o" : "_tvalid_i"))),
      ready_(model.port(prefix + (from_module ? "_tready_i" : "_tready_o"))),
      payload_{model.port(prefix + (from_module ? "_tdata_o" : "_tdata_i"))},
      rule_(prefix) {
  const std::string last = prefix + (from_module ? "_tlast_o" : "_tlast_i");
  if (model.has_port(last)) payload_.push_back(model.port(last));
}

void AxiStreamCheck::sample() {
  read_all(payload_, now_);
  rule_.cycle(valid_.is_set(), ready_.is_set(), now_);
}

AxiLiteCheck::Channel AxiLiteCheck::channel(const Model& model, const std::string& prefix,
                                            const std::string& name,
                                            const std::vector<std::string>& payload,
                                            bool to_module) {
  const std::string with = to_module ? "_i" : "_o", against = to_module ? "_o" : "_i";
  Channel result{model.port(prefix + "_" + name + "valid" + with),
                 model.port(prefix + "_" + name + "ready" + against),
                 {},
                 ChannelRule(prefix + "_" + name)};
  for (const std::string& port : payload)
    result.payload.push_back(model.port(prefix + "_" + name + port + with));
  return result;
}

AxiLiteCheck::AxiLiteCheck(const Model& model, const std::string& prefix)
    : aw_(channel(model, prefix, "aw", {"addr", "prot"}, true)),
      w_(channel(model, prefix, "w", {"data", "strb"}, true)),
      b_(channel(model, prefix, "b", {"resp"}, false)),
      ar_(channel(model, prefix, "ar", {"addr", "prot"}, true)),
      r_(channel(model, prefix, "r", {"data", "resp"}, false)) {}

bool AxiLiteCheck::Channel::cycle() {
  std::vector<std::uint32_t> now;
  read_all(payload, now);
  return rule.cycle(valid.is_set(), ready.is_set(), now);
}

void AxiLiteCheck::sample() {
  const bool write_address = aw_.cycle(), data = w_.cycle(), written = b_.cycle();
  const bool read_address = ar_.cycle(), read = r_.cycle();
  answers_.cycle_write(write_address, data, b_.valid.is_set(), written, b_.payload[0].get());
  answers_.cycle_read(read_address, r_.valid.is_set(), read, r_.payload[1].get());
}

}  // namespace hasse::harness
