// Folders of results as pictures and tables see them: every combination that was asked for, what became of its seeds,
// its curves over epochs and its profiles over layers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include "initsweep/cells.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/spec.hpp"
#include "initsweep/theory.hpp"

namespace initsweep {

// Mean and range over the seeds that have a value; NaN for none.
struct Band {
  double mean = kNoValue, low = kNoValue, high = kNoValue;
};

// Over the epochs of the seeds that ended well: epoch 0 (before training) first. Empty where no seed did.
struct Curves {
  std::vector<Band> test_accuracy, test_loss, train_loss;
};

// One rms a layer, up to the output layer: the median over seeds, NaN where there is none. At the end of those alone
// that ended well: the last record of a net that diverged says how far it got before its loss overflowed, no more.
// Those of start, end and predicted that are not empty have one length.
struct LayerProfile {
  TensorKind tensor = TensorKind::delta;
  int first_layer = 1;             // 0 where the input is one (activation)
  std::vector<double> start, end;  // end is empty without a record at the end
  std::vector<double> predicted;   // at the start, by mean-field theory; empty where it has nothing to say
};

// What one training came to.
struct StudyJob {
  std::string id;
  std::size_t cell = 0;
  std::int64_t seed = 0;
  JobStatus status = JobStatus::ok;
  double test_accuracy = kNoValue;  // final
  // Of the last attempt: seconds since the first attempt in the folder began, and how long it took. Jobs of a host and
  // thread follow each other, though their starts are known to a second only. NaN where the journal does not say.
  double start_s = 0, duration_s = 0, cpu_s = 0;
  std::string host;
  int thread = 0;
};

struct StudyCell {
  std::string id;
  CellSummary summary;
  Curves curves;
  std::vector<LayerProfile> profiles;  // activation, delta, weight_gradient; none without a start record
  double seconds = kNoValue;           // of processor time a job, mean over those with results (ok or diverged)
  double chance = kNoValue;            // accuracy of a guess; NaN where no job has a record
  // What deep layers run into; none where theory has nothing to say, nor in a study of one depth.
  std::optional<MeanField> predicted;
};

struct StudyFolder {
  std::string name;  // tells it from the other folders
  std::string sweep, description;
  std::size_t n_jobs = 0;        // asked for
  std::vector<StudyCell> cells;  // as in the grid
  std::vector<StudyJob> jobs;    // finished ones, in the grid's order
};

// A setting with several values over all the folders, to have none being one of them (so `values` may be a single one);
// less a width that the depth decides.
struct StudyAxis {
  std::string name;                 // "activation"; "folder" is the first axis where there are several folders
  std::optional<Setting> setting;   // none for folder
  std::vector<std::string> values;  // as shown, in the grid's order; a structured value by its name where that will do
};

// A cell under one of its names: a row of cells.csv.
struct Combination {
  std::size_t folder = 0, cell = 0;  // indices
  std::vector<int> values;           // index into each axis' values; -1 where the setting has no meaning for it
  std::string label;                 // "he_normal/fan_in/relu/depth=20"; "" if there is nothing to tell apart
};

struct Study {
  std::vector<StudyAxis> axes;
  std::vector<StudyFolder> folders;
  std::vector<Combination> combinations;  // folder by folder, cells in order, names in order
  [[nodiscard]] const StudyCell& cell_of(const Combination& of) const { return folders[of.folder].cells[of.cell]; }
};

// Of all folders, as is_only_looked_at() of cells.
[[nodiscard]] bool is_only_looked_at(const Study& study);

// One folder's contents; no journal: nothing is finished. All must outlive the call only.
struct StudySource {
  std::string name;
  const SweepSpec* spec = nullptr;
  const Grid* grid = nullptr;
  const JournalReader* journal = nullptr;
};
// Reads every record once, on `threads` threads; the same for any number.
[[nodiscard]] Study study_of(std::span<const StudySource> sources, int threads);

}  // namespace initsweep
