// SPDX-License-Identifier: Apache-2.0
// The hand-written modules of rtl/, as units see them.
#pragma once

#include "generator/hdl/module.hpp"

namespace hasse::hdl {

/// rtl/ram_1r1w.v: Width, Depth; one write port, one synchronous read port. The only memory.
const Module& ram_1r1w();

/// rtl/stream_fifo.v: Width, Depth; valid/ready in and out, one item per cycle.
const Module& stream_fifo();

/// rtl/stream_skid.v: Width; two-entry register slice, no combinational path through it.
const Module& stream_skid();

}  // namespace hasse::hdl
