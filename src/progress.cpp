#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <utility>

#include "initsweep/number.hpp"
#include "initsweep/plan.hpp"

namespace initsweep {
namespace {

// What the line says, the most important first.
std::vector<std::string> phrases(const ProgressState& state) {
  std::vector<std::string> words = {std::to_string(state.done) + "/" + std::to_string(state.total) + " done"};
  words.push_back(std::to_string(state.running) + " running");
  words.push_back(std::to_string(state.failed) + " failed");
  words.push_back(std::to_string(state.diverged) + " diverged");
  words.push_back(duration_text(std::round(state.elapsed_s)));
  if (state.seconds_left) words.push_back("about " + duration_text(std::round(*state.seconds_left)) + " left");
  return words;
}

std::string joined_phrases(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::string progress_bar(const ProgressState& state, std::size_t width) {
  std::vector<std::string> words = phrases(state);
  std::string text = joined_phrases(words);
  while (text.size() > width && words.size() > 1) {
    words.pop_back();
    text = joined_phrases(words);
  }
  // In steps, so that the bar does not twitch when a number gains a digit.
  constexpr std::size_t kLongest = 30, kStep = 5, kFrame = 3;  // cells; "[", "]" and a blank
  if (text.size() + kFrame + kStep > width) return text.substr(0, width);
  const std::size_t cells = std::min(kLongest, (width - text.size() - kFrame) / kStep * kStep);
  const std::size_t filled = state.total == 0 ? cells : cells * state.done / state.total;
  return "[" + std::string(filled, '#') + std::string(cells - filled, '.') + "] " + text;
}

std::string progress_sentence(const ProgressState& state) { return joined_phrases(phrases(state)); }

ProgressMeter::ProgressMeter(std::size_t total, std::size_t done, std::vector<double> work, int threads)
    : waiting_(std::move(work)), threads_(static_cast<std::size_t>(std::max(threads, 1))) {
  counts_.total = total;
  counts_.done = done;
  std::sort(waiting_.begin(), waiting_.end(), std::greater<>());
}

void ProgressMeter::job_started(std::size_t job, double work, double now) {
  running_[job] = {work, now};
  // The longest start first: the gap is closed from the front, where as a rule nothing has to move.
  const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(n_started_);
  const auto started = std::lower_bound(first, waiting_.end(), work, std::greater<>());
  std::move_backward(first, started, started + 1);
  ++n_started_;
}

void ProgressMeter::job_finished(std::size_t job, JobStatus status, double work_done, double now) {
  const auto ended = running_.find(job);
  if (work_done > 0) {
    work_finished_ += work_done;
    seconds_finished_ += now - ended->second.start;
  }
  running_.erase(ended);
  ++counts_.done;
  if (status == JobStatus::diverged) ++counts_.diverged;
  if (status == JobStatus::failed || status == JobStatus::timeout) ++counts_.failed;
}

ProgressState ProgressMeter::state(double now) const {
  ProgressState state = counts_;
  state.running = running_.size();
  state.elapsed_s = now;
  if (state.done < state.total) state.seconds_left = seconds_left(now);
  return state;
}

std::optional<double> ProgressMeter::seconds_left(double now) const {
  if (work_finished_ <= 0 || seconds_finished_ <= 0) return std::nullopt;
  const double pace = seconds_finished_ / work_finished_;
  std::vector<double> free_at;  // work from now, of each thread
  for (const auto& [job, running] : running_)
    free_at.push_back(std::max(0.0, running.work - (now - running.start) / pace));
  free_at.resize(std::max(threads_, running_.size()));
  return pace * seconds_to_finish(std::move(free_at), std::span(waiting_).subspan(n_started_));
}

bool PlainPace::is_due(const ProgressState& state) {
  constexpr double kClosest = 2, kFarthest = 30;  // seconds
  const std::size_t tenths = state.total == 0 ? 10 : 10 * state.done / state.total;
  const double since = state.elapsed_s - last_;
  if (since < kClosest || (since < kFarthest && tenths == tenths_)) return false;
  last_ = state.elapsed_s;
  tenths_ = tenths;
  return true;
}

}  // namespace initsweep
