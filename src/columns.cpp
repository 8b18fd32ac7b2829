// What every column of every result file means. Names and order are promises; so are the types, on which the readers
// that guess types must agree.
#include "initsweep/columns.hpp"

namespace initsweep {

namespace {

using enum ColumnType;

// Words of optional settings are empty fields, so that the column stays numeric.
ColumnType column_type(SettingType type) {
  switch (type) {
    case SettingType::integer:
    case SettingType::optional_integer: return integer;
    case SettingType::number:
    case SettingType::optional_number: return number;
    case SettingType::boolean: return boolean;
    case SettingType::dataset:
    case SettingType::initializer:
    case SettingType::activation:
    case SettingType::fan_mode:
    case SettingType::distribution:
    case SettingType::optimizer:
    case SettingType::loss:
    case SettingType::width:
    case SettingType::input_scaling: return text;
  }
  return text;
}

void append_settings(std::vector<Column>& columns) {
  for (int i = 0; i < kSettingColumnCount; ++i) columns.push_back(setting_column(static_cast<Setting>(i)));
}

void append(std::vector<Column>& columns, std::vector<Column> more) {
  columns.insert(columns.end(), more.begin(), more.end());
}

}  // namespace

Column setting_column(Setting setting) {
  const SettingInfo& info = setting_info(setting);
  std::string description(info.description);
  if (!info.word.empty()) description += " (empty: " + std::string(info.word) + ")";
  return {std::string(info.name), column_type(info.type), description};
}

std::vector<Column> jobs_columns() {
  std::vector<Column> columns = {{"job_id", text, "Names cell, seed, data and numerics revision"},
                                 {"cell_id", text, "Names the settings; the key into cells.csv"},
                                 {"seed", integer, "Names the random streams"}};
  append_settings(columns);
  append(columns,
         {{"status", text, "ok, diverged (a loss was not finite), failed or timeout"},
          {"error", text, "Why the job failed; none if it did not"},
          {"epochs_run", integer, "Whole epochs trained"},
          {"steps_run", integer, "Mini-batches trained"},
          {"diverged_step", integer,
           "The step whose loss was not finite; steps_run if the evaluation after it was, 0 before any"},
          {"train_loss", number, "Mean over the last epoch's samples, each before the update it leads to"},
          {"train_accuracy", number, "Fraction of the last epoch's samples classified rightly, before each update"},
          {"test_loss", number, "Mean over the test samples at the end"},
          {"test_accuracy", number, "Fraction of the test samples classified rightly at the end"},
          {"best_test_accuracy", number, "The largest test_accuracy after an epoch: chosen on test data"},
          {"best_epoch", integer, "The first epoch that has it"},
          {"delta_slope_start", number,
           "Decades by which the rms of delta changes per layer toward the input, before training"},
          {"delta_slope_end", number, "The same at the end"},
          {"digest", text, "Names the final parameters and losses, bit by bit"}});
  return columns;
}

std::vector<Column> epochs_columns() {
  return {{"job_id", text, "The key into jobs.csv"},
          {"epoch", integer, "0 is before training"},
          {"step", integer, "Mini-batches trained so far"},
          {"train_loss", number, "Mean over the epoch's samples, each before the update it leads to"},
          {"train_accuracy", number, "Fraction of the epoch's samples classified rightly, before each update"},
          {"test_loss", number, "Mean over the test samples after the epoch"},
          {"test_accuracy", number, "Fraction of the test samples classified rightly after the epoch"},
          {"validation_loss", number, "Mean over the validation samples after the epoch"},
          {"validation_accuracy", number, "Fraction of the validation samples classified rightly after the epoch"}};
}

std::vector<Column> layers_columns() {
  return {{"job_id", text, "The key into jobs.csv"},
          setting_column(Setting::initializer),
          setting_column(Setting::mode),
          setting_column(Setting::activation),
          setting_column(Setting::depth),
          {"seed", integer, "Names the random streams"},
          {"epoch", integer, "Epoch in progress, or just ended; 0 is the start"},
          {"step", integer, "Mini-batches trained so far"},
          {"layer", integer, "0 the input, 1..depth the hidden layers, depth + 1 the output"},
          {"tensor", text, "weight, preactivation, activation, delta, weight_gradient or bias_gradient"},
          {"fan_in", integer, "Inputs of a unit of the layer"},
          {"fan_out", integer, "Units of the layer"},
          {"count", integer, "Entries of the tensor over the probe"},
          {"mean", number, "Mean of the entries"},
          {"std", number, "Standard deviation of the entries, dividing by count"},
          {"rms", number, "Root of the mean square"},
          {"l2", number, "Root of the sum of squares"},
          {"min", number, "Smallest entry"},
          {"max", number, "Largest entry"},
          {"q01", number, "1 % quantile"},
          {"q50", number, "Median"},
          {"q99", number, "99 % quantile"},
          {"zero_fraction", number, "Share of entries that are exactly zero"},
          {"saturated_fraction", number, "Preactivation: share of entries with |f'| below 5 % of its maximum"},
          {"dead_fraction", number, "Preactivation: share of units whose derivative is zero for every probe sample"},
          {"between_sample_std", number, "Root of the mean over units of the variance over samples"},
          {"update_ratio", number, "Weight: norm of the last update over norm of the weights"},
          {"nonfinite", integer, "Entries that are NaN or infinite; with any, moments and quantiles are empty"},
          {"correlation", number, "Preactivation, activation: mean cosine between two samples, not centred"},
          {"unit_mean_median", number, "Preactivation, activation: median over units of the mean over samples"},
          {"jacobian_sv_mean", number,
           "Activation, where record.layers.jacobian asks: mean singular value of diag(f') W over samples"},
          {"jacobian_sv_rms", number, "Root of the mean square of these singular values"},
          {"jacobian_sv_min", number, "Smallest of these singular values"},
          {"jacobian_sv_max", number, "Largest of these singular values"},
          {"predicted_rms", number,
           "At the start, preactivation, activation and delta: rms by mean-field theory, from the net's own fans"}};
}

std::vector<Column> cells_columns() {
  std::vector<Column> columns = {{"cell_id", text, "Names the settings; rows that share it were trained once"}};
  append_settings(columns);
  append(columns,
         {{"n_ok", integer, "Seeds that finished"},
          {"n_diverged", integer, "Seeds whose loss was not finite"},
          {"n_failed", integer, "Seeds that failed or timed out"},
          {"test_accuracy_mean", number, "Over the ok seeds"},
          {"test_accuracy_std", number, "Over the ok seeds, dividing by n_ok - 1"},
          {"test_accuracy_median", number, "Over the ok seeds"},
          {"test_accuracy_min", number, "Over the ok seeds"},
          {"test_accuracy_max", number, "Over the ok seeds"},
          {"test_accuracy_ci95_low", number, "Lower end of the mean's 95 % interval by Student's t"},
          {"test_accuracy_ci95_high", number, "Upper end of it"},
          {"delta_slope_start_mean", number, "Mean of delta_slope_start over the seeds that have one"},
          {"delta_slope_end_mean", number, "Mean of delta_slope_end over the seeds that have one"},
          {"health", text, "At the start: exploding, dead, saturated, vanishing or healthy, the first that applies"},
          {"predicted_q", number,
           "Mean-field theory of its hidden layers: the variance that preactivations run into from the net's own first "
           "layer (from 1 without a start record); empty: infinite, or theory says nothing"},
          {"predicted_chi1", number, "Factor by which the mean square of delta changes a layer there"},
          {"predicted_c", number, "The correlation that two inputs run into"},
          {"predicted_xi_c", number,
           "Layers in which its distance from predicted_c shrinks by a factor e; empty: infinite (the edge of chaos), "
           "variances explode, or theory says nothing"},
          {"predicted_delta_slope_mean", number,
           "delta_slope_start by theory, from the net's own fans; mean over seeds"}});
  return columns;
}

std::vector<Column> checks_columns() {
  return {
      {"id", text, "Names the claim; its id in the sweep, or e1, e2, ... in order"},
      {"claim", text, "The claim in words"},
      {"expected", text, "What is claimed"},
      {"observed", number,
       "Mean over the seeds, of the difference where two cells are compared, or from what theory predicts; the worst "
       "seed's where each is judged; the median where quantiles are; for a status the seeds that have it"},
      {"n", integer, "Seeds, or pairs of them"},
      {"p_value", number, "Of the opposite of the claim, one-sided"},
      {"verdict", text, "holds, fails, inconclusive or not_run"},
      {"reason", text, "Why, where the numbers do not say it"},
      {"cell_id", text, "The cell it is judged for; the key into cells.csv. Empty if it speaks of none"},
      {"cell", text, "The same cell by the settings that tell it from others"},
      {"quantity", text, "What is judged: a column of jobs.csv or a statistic of layers.csv, or status"},
      {"low", number,
       "One-sided lower bound of the mean by Student's t, at the claim's confidence; of `includes` the lower quantile"},
      {"high", number, "One-sided upper bound, or the upper quantile"},
      {"published", number, "What the claim's source has for the quantity"},
      {"layer", integer, "The layer, where the claim asks for one alone"},
      {"epoch", integer, "The epoch, where the claim asks for one"},
      {"compared_with", text,
       "What `observed` is the difference to: another cell, or mean-field theory; empty if it is none"}};
}

std::vector<Column> trace_columns() {
  return {{"job_id", text, "The key into jobs.csv; a job tried again has several rows"},
          {"status", text, "How the attempt ended: ok, diverged, failed or timeout"},
          {"start", text, "When it began, UTC"},
          {"duration_s", number, "Seconds it took"},
          {"cpu_s", number, "Seconds its thread computed"},
          {"samples_per_s", number, "Training samples a second"},
          {"thread", integer, "Which of the run's threads"},
          {"host", text, "Which machine"},
          {"peak_memory_bytes", number, "Of the whole process, up to then"}};
}

}  // namespace initsweep
