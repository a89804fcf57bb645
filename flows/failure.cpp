// SPDX-License-Identifier: Apache-2.0
// From exceptions to exit codes.
#include "flows/failure.hpp"

#include <stdexcept>

#include "flows/outcome.hpp"
#include "synth/error.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::flows {

Failure describe_failure(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const synth::ToolError& e) {
    return {exit_tool_failed, std::string("hasse: ") + e.what()};
  } catch (const harness::ProtocolError& e) {
    return {exit_mismatches, std::string("hasse: ") + e.what()};
  } catch (const std::logic_error& e) {
    return {exit_tool_failed, std::string("hasse: this is a mistake in hasse itself: ") + e.what()};
  } catch (const std::exception& e) {
    return {exit_bad_input, e.what()};
  }
}

}  // namespace hasse::flows
