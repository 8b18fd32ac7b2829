#include "live_run.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

// Training samples that went through the net.
double samples_seen(const JobSettings& settings, const DataShape& shape, const Record& record) {
  const auto n = static_cast<std::int64_t>(n_training_samples(settings, shape.n_train));
  const std::int64_t steps_per_epoch = (n + settings.batch_size - 1) / settings.batch_size;
  const std::int64_t whole_epochs = record.steps_run / steps_per_epoch;
  const std::int64_t last_epoch = record.steps_run % steps_per_epoch * settings.batch_size;
  return static_cast<double>(whole_epochs * n + last_epoch);
}

}  // namespace

LiveRun::LiveRun(const Sweep& sweep, const DataShapes& shapes, JournalWriter& journal, ProgressMeter meter,
                 RunSignals& signals, Session& session)
    : sweep_(sweep),
      shapes_(shapes),
      signals_(signals),
      session_(session),
      journal_(journal),
      meter_(std::move(meter)) {}

double LiveRun::now() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

void LiveRun::job_started(const JobRequest& request, int thread) {
  meter_.job_started(request.job, request.work, now());
  session_.log.debug("thread " + std::to_string(thread) + " starts " +
                     job_label(sweep_.grid, sweep_.grid.jobs[request.job]));
}

void LiveRun::job_finished(const JobRequest& request, Record&& record, Trace&& trace) {
  const Job& job = sweep_.grid.jobs[request.job];
  const JobSettings& settings = sweep_.grid.cells[job.cell].settings;
  if (record.steps_run > 0 && trace.duration_s > 0)
    trace.samples_per_s = samples_seen(settings, shapes_.at(settings.dataset), record) / trace.duration_s;

  const std::string label = job_label(sweep_.grid, job);
  meter_.job_finished(request.job, record.status, work_done(request, record), now());
  const bool has_failed = record.status == JobStatus::failed || record.status == JobStatus::timeout;
  const std::string said =
      has_failed
          ? label + " " + (record.status == JobStatus::failed ? "failed: " : "timed out: ") + printable(record.error)
          : label + " is " + std::string(to_text(record.status)) + " after " + duration_text(trace.duration_s);
  const double start = now();
  journal_.append({job.id, sweep_.spec.record, std::move(record), std::move(trace)});  // before anything is said
  journal_seconds_ += now() - start;
  has_failed ? session_.log.warn(said) : session_.log.debug(said);
}

// What a job has done that ends early: that of one with so many steps.
double LiveRun::work_done(const JobRequest& request, const Record& record) const {
  switch (record.status) {
    case JobStatus::ok: return request.work;
    case JobStatus::diverged: {
      JobSettings settings = sweep_.grid.cells[sweep_.grid.jobs[request.job].cell].settings;
      settings.epochs.reset();
      settings.steps = record.steps_run;
      return estimate_cost(settings, shapes_.at(settings.dataset), sweep_.spec.record).work;
    }
    case JobStatus::failed:
    case JobStatus::timeout: break;
  }
  return 0;
}

void LiveRun::tick() {
  const ProgressState state = meter_.state(now());
  answer_signals(state);
  show(state);
}

void LiveRun::finish() {
  const double start = now();
  journal_.sync();
  journal_seconds_ += now() - start;
  session_.console.show_bar("");
  session_.log.debug("writing the journal took " + brief_text(journal_seconds_) + " s in all");
  const ProgressState state = meter_.state(now());
  answer_signals(state);
  if (session_.progress != ProgressMode::none) session_.console.say(progress_sentence(state) + "\n");
}

void LiveRun::answer_signals(const ProgressState& state) {
  if (signals_.take_status_request()) session_.console.say(progress_sentence(state) + "\n");
  const int level = std::min(signals_.stop_level().load(), static_cast<int>(StopLevel::now));
  if (level == told_level_) return;
  told_level_ = level;
  const std::string signal(signal_name(signals_.stop_signal()));
  if (level == static_cast<int>(StopLevel::finish_running))
    session_.console.say(signal + ": starting nothing new; " +
                         counted(static_cast<std::size_t>(state.running), "running job") +
                         " will finish (again: stop them at their next mini-batch)\n");
  else
    session_.console.say(signal + ": stopping at the next mini-batch\n");
}

void LiveRun::show(const ProgressState& state) {
  switch (session_.progress) {
    case ProgressMode::none: break;
    case ProgressMode::plain:
      if (pace_.is_due(state)) session_.console.say(progress_sentence(state) + "\n");
      break;
    case ProgressMode::bar:  // a character in the last column would wrap on some terminals
      session_.console.show_bar(progress_bar(state, session_.console.width() - 1));
      break;
  }
}

}  // namespace initsweep
