// When each attempt at a job began, for pictures of who worked on what.
//
// A trace has the second in which an attempt began, but how long it took to a fraction of one: taken as they are, jobs
// of a second would lie on top of each other. A thread makes one after the other, though, so a job began no sooner than
// the one before it had ended. Both are lower bounds, and so is the later of the two.
#pragma once
#include <deque>
#include <vector>
#include "initsweep/journal.hpp"

namespace initsweep {

// In seconds since the first of all began, in the order of the attempts; NaN where the trace does not say. Attempts of
// one host and thread that overlap by a second or more are of two processes, and stay as they are.
[[nodiscard]] std::vector<double> start_seconds(const std::deque<JournalEntry>& attempts);

}  // namespace initsweep
