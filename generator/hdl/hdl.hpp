// SPDX-License-Identifier: Apache-2.0
// Everything a unit needs to describe hardware.
#pragma once

#include "generator/hdl/block.hpp"
#include "generator/hdl/error.hpp"
#include "generator/hdl/expr.hpp"
#include "generator/hdl/module.hpp"
#include "generator/hdl/primitives.hpp"
#include "generator/hdl/scope.hpp"
#include "generator/hdl/width.hpp"
