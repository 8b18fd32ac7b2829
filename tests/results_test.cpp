#include "initsweep/results.hpp"
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/run_info.hpp"
#include "initsweep/signal_prediction.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

// Two cells, two seeds. The first cell has two names; the second, sigmoid with depth 3 and a clip, one.
Grid small_grid() {
  JobSettings first;
  first.initializer.kind = InitializerKind::he_normal;
  first.mode = FanMode::fan_in;
  first.width = {300, 100};
  JobSettings second_name = first;
  second_name.initializer.kind = InitializerKind::variance_scaling;
  second_name.initializer.scale = 2;
  second_name.initializer.distribution = Distribution::normal;
  JobSettings other;
  other.initializer.kind = InitializerKind::normal;
  other.initializer.stddev = 0.01;
  other.mode = std::nullopt;
  other.activation.kind = ActivationKind::sigmoid;
  other.width = {50, 50, 50};
  other.epochs.reset();
  other.steps = 100;
  other.optimizer = OptimizerKind::momentum;
  other.learning_rate = 1;
  other.gradient_clip = 5;
  other.shuffle = false;

  Grid grid;
  grid.cells.push_back({.id = "c_1", .settings = first, .names = {first, second_name}});
  grid.cells.push_back({.id = "c_2", .settings = other, .names = {other}});
  grid.jobs = {{.cell = 0, .seed = 1, .id = "j_11"},
               {.cell = 0, .seed = 2, .id = "j_12"},
               {.cell = 1, .seed = 1, .id = "j_21"},
               {.cell = 1, .seed = 2, .id = "j_22"}};
  grid.combinations = 3;
  return grid;
}

SweepSpec small_spec() {
  SweepSpec spec;
  spec.file = "sweeps/small.yaml";
  spec.text = "version: 1\nname: small  # caf\xC3\xA9\n";
  spec.overrides = {"epochs=1", "seeds=2"};
  spec.name = "small";
  spec.description = "Two cells";
  spec.seeds = {1, 2};
  return spec;
}

LayerRow layer_row(std::int64_t epoch, std::int64_t step, int layer, TensorKind tensor) {
  LayerRow row;
  row.epoch = epoch;
  row.step = step;
  row.layer = layer;
  row.tensor = tensor;
  row.fan_in = 784;
  row.fan_out = 300;
  row.summary = {.count = 4,
                 .nonfinite = 0,
                 .mean = 0.25,
                 .std = 1,
                 .rms = 1.5,
                 .l2 = 3,
                 .min = -1,
                 .max = 2,
                 .q01 = -1e-05,
                 .q50 = 0,
                 .q99 = 1.75,
                 .zero_fraction = 0.5};
  return row;
}

FinishedJob ok_job() {
  FinishedJob job{.job_id = "j_11", .record_options = {}, .record = {}, .trace = {}};
  Record& record = job.record;
  record.epochs_run = 2;
  record.steps_run = 1876;
  record.epochs = {
      {.epoch = 0, .step = 0, .test_loss = 2.5, .test_accuracy = 0.125},
      {.epoch = 1,
       .step = 938,
       .train_loss = 0.5,
       .train_accuracy = 0.75,
       .test_loss = 0.375,
       .test_accuracy = 0.9375,
       .validation_loss = 0.4,
       .validation_accuracy = 0.9},
      {.epoch = 2, .step = 1876, .train_loss = 0.25, .train_accuracy = 1, .test_loss = 0.3, .test_accuracy = 0.875}};
  LayerRow start = layer_row(0, 0, 1, TensorKind::delta);
  LayerRow end = layer_row(2, 1876, 1, TensorKind::preactivation);
  end.saturated_fraction = 0.25;
  end.dead_fraction = 0;
  end.between_sample_std = 0.5;
  end.correlation = 0.875;
  end.unit_mean_median = -0.5;
  LayerRow bent = layer_row(2, 1876, 1, TensorKind::activation);
  bent.jacobian_sv_mean = 0.75;
  bent.jacobian_sv_rms = 1;
  bent.jacobian_sv_min = 0;
  bent.jacobian_sv_max = 2;
  LayerRow weight = layer_row(2, 1876, 1, TensorKind::weight);
  weight.summary = {.count = 4,
                    .nonfinite = 3,
                    .mean = kNoValue,
                    .std = kNoValue,
                    .rms = kNoValue,
                    .l2 = kNoValue,
                    .min = kNoValue,
                    .max = kNoValue,
                    .q01 = kNoValue,
                    .q50 = kNoValue,
                    .q99 = kNoValue,
                    .zero_fraction = 0.25};
  weight.update_ratio = 0.001;
  record.layers = {start, weight, end, bent};
  record.delta_slope_start = -0.627;
  record.delta_slope_end = -0.5;
  record.digest = "d_0123456789abcdef";
  job.trace = {.start = "2026-11-22T09:48:08Z",
               .duration_s = 1.5,
               .cpu_s = 1.25,
               .samples_per_s = 80000,
               .thread = 1,
               .host = "node1",
               .peak_memory_bytes = 1048576};
  return job;
}

FinishedJob diverged_job() {
  FinishedJob job{.job_id = "j_12", .record_options = {}, .record = {}, .trace = {}};
  job.record.status = JobStatus::diverged;
  job.record.steps_run = 7;
  job.record.diverged_step = 7;
  job.record.epochs = {{.epoch = 0, .test_loss = std::numeric_limits<double>::infinity(), .test_accuracy = 0.1}};
  job.record.delta_slope_start = 0.75;
  job.record.digest = "d_fedcba9876543210";
  return job;
}

// Failed, with results that must not be shown.
FinishedJob failed_job() {
  FinishedJob job = ok_job();
  job.job_id = "j_21";
  job.record.status = JobStatus::failed;
  job.record.error = "12 samples wanted, the data has 10";
  return job;
}

class Results : public testing::Test {
 protected:
  void finish(const FinishedJob& job) { JournalWriter(folder_ / "journal.ndjson").append(job); }
  std::vector<CellSummary> write(const SweepSpec& spec = small_spec()) {
    return write_results(folder_.path(), spec, small_grid(), JournalReader(folder_ / "journal.ndjson"), /*threads=*/3)
        .cells;
  }
  [[nodiscard]] std::string bytes(const char* name) const { return file_bytes(folder_.path() / name); }
  TemporaryFolder folder_;
};

constexpr const char* kJobsHeader =
    "job_id,cell_id,seed,dataset,initializer,mode,activation,depth,width,epochs,steps,batch_size,optimizer,"
    "learning_rate,momentum,rho,beta1,beta2,epsilon,weight_decay,gradient_clip,loss,bias_stddev,input_scaling,shuffle,"
    "train_samples,validation_samples,status,error,epochs_run,steps_run,diverged_step,train_loss,train_accuracy,"
    "test_loss,test_accuracy,best_test_accuracy,best_epoch,delta_slope_start,delta_slope_end,digest\n";

TEST_F(Results, FilesHoldTheseBytes) {
  finish(failed_job());  // the order of the journal is not that of the plan
  finish(diverged_job());
  finish(ok_job());
  FinishedJob stranger = ok_job();
  stranger.job_id = "j_99";
  finish(stranger);
  write();

  const std::string first =
      "mnist,he_normal,fan_in,relu,2,300x100,5,,64,sgd,0.01,,,,,,0.0,,softmax_cross_entropy,0.0,unit,true,,0,";
  const std::string other =
      "mnist,normal(mean=0;stddev=0.01),,sigmoid,3,50,,100,64,momentum,1.0,0.9,,,,,0.0,5.0,softmax_cross_entropy,0.0,"
      "unit,false,,0,";
  EXPECT_EQ(bytes("jobs.csv"), kJobsHeader + ("j_11,c_1,1," + first) +
                                   "ok,none,2,1876,,0.25,1.0,0.3,0.875,0.9375,1,-0.627,-0.5,d_0123456789abcdef\n"
                                   "j_12,c_1,2," +
                                   first +
                                   "diverged,none,0,7,7,,,,,,,0.75,,d_fedcba9876543210\n"
                                   "j_21,c_2,1," +
                                   other + "failed,\"12 samples wanted, the data has 10\",,,,,,,,,,,,\n");
  EXPECT_EQ(bytes("epochs.csv"),
            "job_id,epoch,step,train_loss,train_accuracy,test_loss,test_accuracy,validation_loss,validation_accuracy\n"
            "j_11,0,0,,,2.5,0.125,,\n"
            "j_11,1,938,0.5,0.75,0.375,0.9375,0.4,0.9\n"
            "j_11,2,1876,0.25,1.0,0.3,0.875,,\n"
            "j_12,0,0,,,,0.1,,\n");
  EXPECT_EQ(
      bytes("layers.csv"),
      "job_id,initializer,mode,activation,depth,seed,epoch,step,layer,tensor,fan_in,fan_out,count,mean,std,rms,l2,"
      "min,max,q01,q50,q99,zero_fraction,saturated_fraction,dead_fraction,between_sample_std,update_ratio,"
      "nonfinite,correlation,unit_mean_median,jacobian_sv_mean,jacobian_sv_rms,jacobian_sv_min,jacobian_sv_max,"
      "predicted_rms\n"
      "j_11,he_normal,fan_in,relu,2,1,0,0,1,delta,784,300,4,0.25,1.0,1.5,3.0,-1.0,2.0,-1e-05,0.0,1.75,0.5,,,,,0,,,,,,,"
      "\n"
      "j_11,he_normal,fan_in,relu,2,1,2,1876,1,weight,784,300,4,,,,,,,,,,0.25,,,,0.001,3,,,,,,,\n"
      "j_11,he_normal,fan_in,relu,2,1,2,1876,1,preactivation,784,300,4,0.25,1.0,1.5,3.0,-1.0,2.0,-1e-05,0.0,1.75,"
      "0.5,0.25,0.0,0.5,,0,0.875,-0.5,,,,,\n"
      "j_11,he_normal,fan_in,relu,2,1,2,1876,1,activation,784,300,4,0.25,1.0,1.5,3.0,-1.0,2.0,-1e-05,0.0,1.75,"
      "0.5,,,,,0,,,0.75,1.0,0.0,2.0,\n");
  const std::string second_name =
      "mnist,variance_scaling(scale=2;distribution=normal)" + first.substr(std::string("mnist,he_normal").size());
  const std::string seeds = "1,1,0,0.875,,0.875,0.875,0.875,,,0.0615,-0.5,exploding,";
  // Under He's law every q is a fixed point of relu, and correlations run to 1 without an end. Neither shows a start of
  // which a slope could be predicted.
  const std::string of_relu = "1.0,1.0,1.0,,\n";
  const JobSettings sigmoid = small_grid().cells[1].settings;
  const MeanField fixed = predict_fixed_points(std::vector<DeepNet>{{&sigmoid}}, 1).at(0).value();
  const std::string of_sigmoid =
      float_text(fixed.q) + "," + float_text(fixed.chi1) + ",1.0," + float_text(fixed.xi_c) + ",\n";
  EXPECT_EQ(bytes("cells.csv"),
            "cell_id,dataset,initializer,mode,activation,depth,width,epochs,steps,batch_size,optimizer,learning_rate,"
            "momentum,rho,beta1,beta2,epsilon,weight_decay,gradient_clip,loss,bias_stddev,input_scaling,shuffle,"
            "train_samples,validation_samples,n_ok,n_diverged,n_failed,test_accuracy_mean,test_accuracy_std,"
            "test_accuracy_median,test_accuracy_min,test_accuracy_max,test_accuracy_ci95_low,test_accuracy_ci95_high,"
            "delta_slope_start_mean,delta_slope_end_mean,health,predicted_q,predicted_chi1,predicted_c,predicted_xi_c,"
            "predicted_delta_slope_mean\n"
            "c_1," +
                first + seeds + of_relu + "c_1," + second_name + seeds + of_relu + "c_2," + other + "0,0,1,,,,,,,,,,," +
                of_sigmoid);
  EXPECT_EQ(bytes("trace.csv"),
            "job_id,status,start,duration_s,cpu_s,samples_per_s,thread,host,peak_memory_bytes\n"
            "j_21,failed,2026-11-22T09:48:08Z,1.5,1.25,80000.0,1,node1,1048576.0\n"
            "j_12,diverged,,0.0,0.0,0.0,0,,0.0\n"
            "j_11,ok,2026-11-22T09:48:08Z,1.5,1.25,80000.0,1,node1,1048576.0\n");
}

TEST_F(Results, SettingsAreTheColumnsInTheirOrder) {
  const std::vector<Column> columns = jobs_columns();
  for (int i = 0; i < kSettingColumnCount; ++i)
    EXPECT_EQ(columns[static_cast<std::size_t>(i) + 3].name, setting_info(static_cast<Setting>(i)).name);
}

TEST_F(Results, TheStartIsHiddenWhereItWasNotAskedFor) {
  SweepSpec spec = small_spec();
  spec.record.at_start = false;
  FinishedJob job = ok_job();
  job.record_options.at_start = false;
  finish(job);
  write(spec);
  const CsvTable layers = read_csv(folder_.path() / "layers.csv");
  ASSERT_EQ(layers.rows.size(), 3U);
  EXPECT_EQ(layers.rows[0][layers.column("step")], "1876");
}

TEST_F(Results, TheStartOfANetThatIsNotTrainedIsShownThoughItWasNotAskedFor) {
  SweepSpec spec = small_spec();
  spec.record.at_start = false;
  Grid grid = small_grid();
  grid.cells[0].settings.epochs = 0;
  FinishedJob job = ok_job();
  job.record_options.at_start = false;
  finish(job);
  write_results(folder_.path(), spec, grid, JournalReader(folder_ / "journal.ndjson"), /*threads=*/1);
  const CsvTable layers = read_csv(folder_.path() / "layers.csv");
  ASSERT_GT(layers.rows.size(), 3U);
  EXPECT_EQ(layers.rows[0][layers.column("step")], "0");
}

TEST_F(Results, AJobRecordedOtherwiseCountsAsMissing) {
  FinishedJob job = ok_job();
  job.record_options.probe = 64;
  finish(job);
  const std::vector<CellSummary> summaries = write();
  EXPECT_EQ(bytes("jobs.csv"), kJobsHeader);
  EXPECT_EQ(summaries[0].n_ok, 0);
}

TEST_F(Results, ReturnWhatSummarizeCellsSays) {
  finish(ok_job());
  finish(failed_job());
  const std::vector<CellSummary> written = write();
  const std::vector<CellSummary> summarized =
      summarize_cells(small_spec(), small_grid(), JournalReader(folder_ / "journal.ndjson"));
  ASSERT_EQ(written.size(), 2U);
  ASSERT_EQ(summarized.size(), 2U);
  EXPECT_EQ(written[0].n_ok, 1);
  EXPECT_EQ(summarized[0].n_ok, 1);
  EXPECT_EQ(written[1].n_failed, 1);
  EXPECT_EQ(summarized[0].test_accuracy.mean, 0.875);
  EXPECT_EQ(summarized[0].delta_rms_start.at(0), 1.5);
  EXPECT_EQ(written[0].delta_rms_start.at(0), 1.5);
}

// A table larger than the piece in which it is written.
TEST_F(Results, LargeTablesAreWhole) {
  FinishedJob job = ok_job();
  job.record.layers.assign(20'000, layer_row(2, 1876, 1, TensorKind::delta));
  finish(job);
  write();
  EXPECT_EQ(read_csv(folder_.path() / "layers.csv").rows.size(), 20'000U);
}

TEST_F(Results, DatapackageDescribesEveryColumnOfEveryFile) {
  finish(ok_job());
  write();
  const nlohmann::json package = nlohmann::json::parse(bytes("datapackage.json"));
  EXPECT_EQ(package["name"], "small");
  EXPECT_EQ(package["resources"].size(), 6U);
  for (const nlohmann::json& resource : package["resources"]) {
    const CsvTable table = read_csv(folder_.path() / resource["path"].get<std::string>());
    std::vector<std::string> names;
    for (const nlohmann::json& field : resource["schema"]["fields"]) {
      names.push_back(field["name"]);
      EXPECT_FALSE(field["description"].get<std::string>().empty()) << field;
      EXPECT_TRUE((std::set<std::string>{"string", "integer", "number", "boolean"}.contains(field["type"]))) << field;
    }
    EXPECT_EQ(names, table.header);
    EXPECT_EQ(resource["schema"]["missingValues"], nlohmann::json::array({""}));
  }
}

TEST_F(Results, FieldsHaveTheTypesThatTheColumnsPromise) {
  finish(ok_job());
  finish(diverged_job());
  finish(failed_job());
  write();
  const std::vector<std::pair<const char*, std::vector<Column>>> files = {
      {"jobs.csv", jobs_columns()},     {"epochs.csv", epochs_columns()}, {"checks.csv", checks_columns()},
      {"layers.csv", layers_columns()}, {"cells.csv", cells_columns()},   {"trace.csv", trace_columns()}};
  for (const auto& [name, columns] : files) {
    const CsvTable table = read_csv(folder_.path() / name);
    for (const auto& row : table.rows) {
      for (std::size_t c = 0; c < columns.size(); ++c) {
        if (row[c].empty()) continue;
        const std::string where = std::string(name) + " " + columns[c].name + " '" + row[c] + "'";
        switch (columns[c].type) {
          case ColumnType::integer: EXPECT_TRUE(parse_integer(row[c])) << where; break;
          case ColumnType::number: EXPECT_TRUE(parse_float(row[c]) && !parse_integer(row[c])) << where; break;
          case ColumnType::boolean: EXPECT_TRUE(row[c] == "true" || row[c] == "false") << where; break;
          case ColumnType::text: break;
        }
      }
    }
  }
}

TEST_F(Results, ChecksSayWhatWasPublishedAndWhichLayerAndEpoch) {
  FinishedJob second = ok_job();
  second.job_id = "j_12";
  finish(ok_job());
  finish(second);
  SweepSpec spec = small_spec();
  spec.expect.resize(2);
  Expectation &of_layer = spec.expect[0], &of_epoch = spec.expect[1];
  of_layer.id = "a";
  of_layer.metric = "layers.delta.rms";
  of_layer.layer = "1";
  of_layer.over = Expectation::Over::every_seed;
  of_layer.published = 2;
  of_epoch.id = "b";
  of_epoch.metric = "test_accuracy";
  of_epoch.at = Expectation::At::epoch;
  of_epoch.epoch = 1;
  for (Expectation* claim : {&of_layer, &of_epoch}) claim->bound = Expectation::Bound::at_least;
  write(spec);
  const CsvTable table = read_csv(folder_.path() / "checks.csv");
  const auto last_four = [&](std::size_t row) {
    return std::vector<std::string>(table.rows.at(row).end() - 4, table.rows.at(row).end());
  };
  EXPECT_EQ(std::vector<std::string>(table.header.end() - 4, table.header.end()),
            (std::vector<std::string>{"published", "layer", "epoch", "compared_with"}));
  EXPECT_EQ(last_four(0), (std::vector<std::string>{"2.0", "1", "", ""}));  // of the first cell
  EXPECT_EQ(last_four(2), (std::vector<std::string>{"", "", "1", ""}));
}

// ---- run.json

TEST(RunInfo, ComesBack) {
  const TemporaryFolder folder;
  const SweepSpec spec = small_spec();
  const DatasetDigests digests = {{"mnist", "0123"}, {"idx:data/letters", "4567"}};
  write_run_info(folder.path(), spec, small_grid(), digests);
  const RunInfo info = read_run_info(folder.path());
  EXPECT_EQ(info.sweep_file, spec.file);
  EXPECT_EQ(info.sweep_text, spec.text);
  EXPECT_EQ(info.overrides, spec.overrides);
  EXPECT_EQ(info.digests, digests);
}

TEST(RunInfo, SaysHowTheResultsWereMade) {
  const TemporaryFolder folder;
  write_run_info(folder.path(), small_spec(), small_grid(), {});
  const nlohmann::json info = nlohmann::json::parse(file_bytes(folder / "run.json"));
  EXPECT_EQ(info["numerics"]["instruction_set"], numerics().instruction_set);
  EXPECT_EQ(info["numerics"]["gemm"], numerics().gemm);
  EXPECT_EQ(info["resolved"]["cells"], 2);
  EXPECT_EQ(info["resolved"]["jobs"], 4);
  EXPECT_EQ(info["resolved"]["settings"]["activation"], (nlohmann::json{"relu", "sigmoid"}));
  EXPECT_EQ(info["resolved"]["settings"]["dataset"], nlohmann::json::array({"mnist"}));
  for (const char* key : {"version", "compiler", "flags"}) EXPECT_TRUE(info["tool"].contains(key)) << key;
}

TEST(RunInfo, SaysWhatTheSweepIsAbout) {
  const TemporaryFolder folder;
  SweepSpec spec = small_spec();
  const auto about = [&] {
    write_run_info(folder.path(), spec, small_grid(), {});
    return nlohmann::json::parse(file_bytes(folder / "run.json")).value("about", nlohmann::json());
  };
  EXPECT_TRUE(about().is_null());
  spec.about = {.claim = "He keeps ReLU level", .source = "He et al. 2015", .verdict = "", .condition = ""};
  EXPECT_EQ(about(), (nlohmann::json{{"claim", "He keeps ReLU level"}, {"source", "He et al. 2015"}}));
  EXPECT_EQ(read_run_info(folder.path()).sweep_text, spec.text);
}

TEST(RunInfo, AFolderWithoutItIsNoResultFolder) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)read_run_info(folder.path()); }),
            folder.path().string() + ": error: this is not a result folder (it has no run.json)");
}

TEST(RunInfo, ADamagedOneIsTold) {
  const TemporaryFolder folder;
  for (const char* text : {"", "{", "[]", "{\"sweep\":{}}", "{\"sweep\":1,\"data_sha256\":2}"}) {
    write_file(folder / "run.json", text);
    EXPECT_EQ(message_of<EnvironmentError>([&] { (void)read_run_info(folder.path()); }),
              (folder / "run.json") + ": error: is damaged; run the sweep again to write it anew")
        << text;
  }
}

// What else stands there is not kept, and what is kept is bounded: this would be gigabytes.
TEST(RunInfo, NestingAndNumbersOfValuesAreBounded) {
  const TemporaryFolder folder;
  const std::string sweep = R"({"sweep":{"file":"f","text":"t","overrides":[)";
  const std::string digests = R"(]},"data_sha256":{},"tool":{"version":"1","compiler":"c","flags":""}})";
  const auto is_damaged = [&](const std::string& text) {
    write_file(folder / "run.json", text);
    return !message_of<EnvironmentError>([&] { (void)read_run_info(folder.path()); }).starts_with("(nothing");
  };
  const std::string nested = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_FALSE(is_damaged(sweep + digests));
  EXPECT_FALSE(is_damaged(R"({"resolved":)" + nested + "," + (sweep + digests).substr(1)));
  EXPECT_TRUE(is_damaged(sweep + nested + digests));
  EXPECT_TRUE(is_damaged(nested));
  std::string overrides = "\"\"";
  for (int i = 0; i < 500'000; ++i) overrides += ",\"\"";
  EXPECT_TRUE(is_damaged(sweep + overrides + digests));
}

TEST(RunInfo, JsonFilesHoldNothingThatATerminalObeys) {
  const TemporaryFolder folder;
  SweepSpec spec = small_spec();
  spec.description = "\x1b[2J \u009b \u202e \x7f \U000e0041";
  spec.text += "# \u202e\n";
  write_run_info(folder.path(), spec, small_grid(), {});
  for (const std::string& text : {file_bytes(folder / "run.json"), datapackage_json(spec)}) {
    EXPECT_EQ(text, printable_lines(text));
    const nlohmann::json json = nlohmann::json::parse(text);
    EXPECT_EQ(json.contains("sweep") ? json["sweep"]["description"] : json["description"], spec.description);
  }
  EXPECT_EQ(read_run_info(folder.path()).sweep_text, spec.text);
}

}  // namespace
}  // namespace initsweep
