// A run while it goes on: every finished job into the journal, progress onto the screen, signals answered.
#pragma once
#include <chrono>
#include <optional>
#include "commands.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/runner.hpp"
#include "progress.hpp"
#include "signals.hpp"
#include "sweep.hpp"

namespace initsweep {

class LiveRun : public RunObserver {
 public:
  // Jobs are numbered as in sweep.grid.jobs; `shapes` are those of the data they train on.
  LiveRun(const Sweep& sweep, const DataShapes& shapes, JournalWriter& journal, ProgressMeter meter,
          RunSignals& signals, Session& session);

  void job_started(const JobRequest& request, int thread) override;
  void tick() override;
  // These two throw EnvironmentError when the journal cannot be written or is gone.
  void job_finished(const JobRequest& request, Record&& record, Trace&& trace) override;
  void sync() override { journal_.sync(); }
  // After the last job: the bar goes, what was not synced is. Throws EnvironmentError.
  void finish();

 private:
  [[nodiscard]] double now() const;
  [[nodiscard]] double work_done(const JobRequest& request, const Record& record) const;
  void answer_signals(const ProgressState& state);
  void show(const ProgressState& state);

  const Sweep& sweep_;
  const DataShapes& shapes_;
  RunSignals& signals_;
  Session& session_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();

  JournalWriter& journal_;
  ProgressMeter meter_;
  PlainPace pace_;
  int told_level_ = 0;  // of StopLevel, already answered
  double journal_seconds_ = 0;
};

}  // namespace initsweep
