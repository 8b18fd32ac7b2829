// Whether there is anything that a claim asks for: a training may end before its epoch, a net before its layer.
#pragma once
#include <span>
#include <string>
#include "initsweep/claims.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// Why no cell it speaks of, or of two that it compares never both, can have a value; "" if one may. `rows` are its
// cells, of which there is at least one.
[[nodiscard]] std::string beyond_reach(const Expectation& claim, const Grid& grid, std::span<const ClaimCells> rows);

}  // namespace initsweep
