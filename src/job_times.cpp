#include "job_times.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include "host.hpp"

namespace initsweep {
namespace {

constexpr double kResolution = 1;  // of a trace's start, in seconds

}  // namespace

std::vector<double> start_seconds(const std::deque<JournalEntry>& attempts) {
  std::vector<double> starts;
  double first = std::numeric_limits<double>::infinity();
  for (const JournalEntry& attempt : attempts) {
    starts.push_back(utc_seconds(attempt.trace.start));
    first = std::fmin(first, starts.back());
  }
  std::vector<std::size_t> in_time;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (std::isnan(starts[i])) continue;
    starts[i] -= first;
    in_time.push_back(i);
  }
  // Those of one second stay in the order they ended, which on a thread is the one they began in.
  std::stable_sort(in_time.begin(), in_time.end(), [&](std::size_t a, std::size_t b) { return starts[a] < starts[b]; });
  std::map<std::pair<std::string_view, int>, double> ended;  // when the last one of a host and thread did
  for (const std::size_t i : in_time) {
    const Trace& trace = attempts[i].trace;
    double& before = ended.try_emplace({trace.host, trace.thread}, 0.0).first->second;
    if (before > starts[i] && before - starts[i] < kResolution) starts[i] = before;
    before = starts[i] + trace.duration_s;
  }
  return starts;
}

}  // namespace initsweep
