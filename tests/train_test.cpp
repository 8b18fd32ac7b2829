#include "initsweep/train.hpp"
#include <gtest/gtest.h>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>
#include "batch_of.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/identity.hpp"
#include "initsweep/initial_weights.hpp"
#include "initsweep/layer_stats.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/rng.hpp"
#include "initsweep/sha256.hpp"
#include "small_job.hpp"

namespace initsweep {
namespace {

TEST(Train, GivesTheSameNumbersTwiceAndOthersForAnotherSeed) {
  const Record first = run(small_settings()), second = run(small_settings());
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(first.digest.size(), 18U);
  EXPECT_EQ(first.digest.substr(0, 2), "d_");
  EXPECT_EQ(first.epochs.back().test_loss, second.epochs.back().test_loss);
  EXPECT_EQ(first.delta_slope_end, second.delta_slope_end);
  EXPECT_NE(run(small_settings(), small_dataset(), {}, 2).digest, first.digest);
}

TEST(Train, LearnsClassesThatAreEasilyTold) {
  JobSettings settings = small_settings();
  settings.epochs = 20;
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::nesterov,
                                   OptimizerKind::rmsprop, OptimizerKind::adam}) {
    settings.optimizer = kind;
    settings.learning_rate = kind == OptimizerKind::sgd ? 0.1 : 0.01;
    const FinalValues values = final_values(run(settings));
    EXPECT_EQ(values.test_accuracy, 1) << to_text(kind);
    EXPECT_LT(values.test_loss, 0.1) << to_text(kind);  // it starts near ln 3 = 1.1
  }
}

// The whole of training written out plainly, in double, with what other rooms' tests hold: the laws, the streams and
// the gradients. Plain sgd.
struct PlainEpoch {
  double train_loss, test_loss;
};
std::vector<PlainEpoch> train_plainly(const JobSettings& settings, std::uint32_t seed, const Dataset& dataset) {
  const std::size_t n = static_cast<std::size_t>(settings.train_samples.value_or(100));
  const std::size_t n_pixels = 16;
  std::vector<double> subtract(n_pixels, settings.input_scaling.subtract),
      divide(n_pixels, settings.input_scaling.divide);
  if (settings.input_scaling.kind == InputScalingKind::standardize)
    for (std::size_t p = 0; p < n_pixels; ++p) {
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < n; ++i) sum += dataset.train().pixels[i * n_pixels + p];
      const double mean = sum / static_cast<double>(n);
      for (std::size_t i = 0; i < n; ++i) squares += std::pow(dataset.train().pixels[i * n_pixels + p] - mean, 2);
      subtract[p] = mean;
      divide[p] = squares == 0 ? 255 : std::sqrt(squares / static_cast<double>(n));
    }
  Parameters<double> parameters;
  Fans fans{.fan_in = 16};
  for (int layer = 1; layer <= 3; ++layer) {
    fans.fan_out = layer == 3 ? 3 : settings.width[static_cast<std::size_t>(layer - 1)];
    parameters.weights.emplace_back(sample_weights(settings.initializer, fans, seed, layer).cast<double>());
    parameters.biases.push_back(
        sample_biases(settings.initializer, fans, settings.bias_stddev, seed, layer).cast<double>());
    fans.fan_in = fans.fan_out;
  }
  const Kernels<double>& reference = portable_kernels<double>();
  Pass<double> pass(Keep::training, 3);
  Input<double> input;
  const auto loss_of = [&](const LabelledImages& images, std::span<const std::uint32_t> indices) {
    Matrix<double> x(16, static_cast<Eigen::Index>(indices.size()));
    std::vector<std::uint8_t> labels;
    for (std::size_t j = 0; j < indices.size(); ++j) {
      for (std::size_t p = 0; p < n_pixels; ++p)
        x(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(j)) =
            (images.pixels[indices[j] * n_pixels + p] - subtract[p]) / divide[p];
      labels.push_back(images.labels[indices[j]]);
    }
    input = dense_input(x);
    forward(reference, parameters, settings.activation, input, pass);
    return output_loss(reference, settings.loss, labels, pass).loss;
  };
  std::vector<PlainEpoch> epochs;
  for (std::uint32_t epoch = 0; epoch < *settings.epochs; ++epoch) {
    std::vector<std::uint32_t> order(n), all(dataset.test().size());
    std::iota(order.begin(), order.end(), 0U);
    std::iota(all.begin(), all.end(), 0U);
    RngStream stream(seed, StreamPurpose::batch_order, epoch);
    if (settings.shuffle) shuffle(order, stream);
    double train_loss = 0;
    Gradients<double> gradients;
    for (std::size_t first = 0; first < n; first += static_cast<std::size_t>(settings.batch_size)) {
      const std::size_t count = std::min(static_cast<std::size_t>(settings.batch_size), n - first);
      train_loss += loss_of(dataset.train(), std::span(order).subspan(first, count));
      Backward<double> way_back(reference, parameters, input, pass);
      mean_gradients(way_back, parameters, gradients);
      for (std::size_t l = 0; l < 3; ++l) {
        parameters.weights[l].matrix() -= settings.learning_rate * gradients.weights[l].matrix();
        parameters.biases[l] -= settings.learning_rate * gradients.biases[l];
      }
    }
    const double test_loss = loss_of(dataset.test(), all) / static_cast<double>(all.size());
    epochs.push_back({train_loss / static_cast<double>(n), test_loss});
  }
  return epochs;
}

TEST(Train, AgreesWithAPlainLoopInDouble) {
  std::vector<JobSettings> cases(6, small_settings());
  cases[1].shuffle = false;
  cases[2].input_scaling = {.kind = InputScalingKind::standardize};
  cases[3].input_scaling = {.kind = InputScalingKind::affine, .subtract = 100, .divide = 60};
  cases[4].train_samples = 50;
  cases[4].input_scaling = {.kind = InputScalingKind::standardize};
  cases[5].loss = LossKind::sigmoid_cross_entropy;
  cases[5].bias_stddev = 0.5;
  const Dataset dataset = small_dataset();
  for (std::size_t c = 0; c < cases.size(); ++c) {
    const Record record = run(cases[c], dataset, {}, 3);
    const std::vector<PlainEpoch> plain = train_plainly(cases[c], 3, dataset);
    const std::vector<PlainEpoch> another = train_plainly(cases[c], 4, dataset);
    ASSERT_EQ(record.epochs.size(), plain.size() + 1);
    for (std::size_t epoch = 0; epoch < plain.size(); ++epoch) {
      // 26 steps of float32 in a net that is not chaotic: roundings of 6e-8 grow little. Another order of batches, or
      // another scaling of one pixel, changes the losses in the third digit.
      EXPECT_NEAR(record.epochs[epoch + 1].train_loss, plain[epoch].train_loss, 1e-5) << "case " << c;
      EXPECT_NEAR(record.epochs[epoch + 1].test_loss, plain[epoch].test_loss, 1e-5) << "case " << c;
      EXPECT_GT(std::abs(record.epochs[epoch + 1].test_loss - another[epoch].test_loss), 1e-3) << "case " << c;
    }
  }
}

TEST(Train, StandardizesAPixelThatNeverChangesByOne) {
  LabelledImages test = small_images(40, 2);
  for (std::size_t image = 0; image < 40; ++image) test.pixels[image * 16 + 15] = 255;  // always 0 in training
  JobSettings settings = small_settings();
  settings.input_scaling = {.kind = InputScalingKind::standardize};
  const Dataset dataset = small_dataset(small_images(100, 1), test);
  const std::vector<PlainEpoch> plain = train_plainly(settings, 1, dataset);
  EXPECT_NEAR(run(settings, dataset).epochs[2].test_loss, plain[1].test_loss, 1e-5);  // as above
}

TEST(Train, BeginsWithLogOfTheClassesForZeroWeights) {
  JobSettings settings = small_settings();
  settings.initializer = {.kind = InitializerKind::zeros};
  const EpochRow before = run(settings).epochs[0];
  EXPECT_NEAR(before.test_loss, std::log(3.0), 1e-12);  // the sum of forty
  EXPECT_TRUE(std::isnan(before.train_loss) && std::isnan(before.train_accuracy));
  settings.loss = LossKind::sigmoid_cross_entropy;
  EXPECT_NEAR(run(settings).epochs[0].test_loss, 3 * std::log(2.0), 1e-12);
}

TEST(Train, WalksTheFileInOrderWithoutShuffle) {
  JobSettings settings = small_settings();
  const std::string shuffled = run(settings).digest;
  settings.shuffle = false;
  EXPECT_NE(run(settings).digest, shuffled);
}

TEST(Train, CountsEpochsAndSteps) {
  const Record record = run(small_settings());
  EXPECT_EQ(record.epochs_run, 2);
  EXPECT_EQ(record.steps_run, 26);
  EXPECT_EQ(epoch_steps(record), (Steps{{0, 0}, {1, 13}, {2, 26}}));
}

TEST(Train, EndsAfterItsStepsWithARowForTheEpochCutShort) {
  JobSettings settings = small_settings();
  const Record whole = run(settings);
  settings.epochs.reset();
  settings.steps = 16;
  const Record cut = run(settings);
  EXPECT_EQ(cut.epochs_run, 1);
  EXPECT_EQ(cut.steps_run, 16);
  EXPECT_EQ(epoch_steps(cut), (Steps{{0, 0}, {1, 13}, {2, 16}}));
  EXPECT_EQ(record_steps(cut), (Steps{{0, 0}, {1, 13}, {2, 16}}));
  EXPECT_EQ(cut.epochs[1].train_loss, whole.epochs[1].train_loss);
  EXPECT_NE(cut.epochs[2].train_loss, whole.epochs[2].train_loss);
  settings.steps = 26;
  EXPECT_EQ(run(settings).digest, whole.digest);
}

TEST(Train, OnlyLooksAtANetOfNoEpochs) {
  JobSettings settings = small_settings();
  const Record trained = run(settings);
  settings.epochs = 0;
  const Record looked_at = run(settings);
  EXPECT_EQ(looked_at.status, JobStatus::ok);
  EXPECT_EQ(looked_at.steps_run, 0);
  EXPECT_TRUE(looked_at.epochs.empty());
  EXPECT_EQ(record_steps(looked_at), (Steps{{0, 0}}));
  EXPECT_EQ(looked_at.delta_slope_start, trained.delta_slope_start);
  EXPECT_TRUE(std::isnan(looked_at.delta_slope_end));
  for (std::size_t i = 0; i < looked_at.layers.size(); ++i)
    EXPECT_EQ(looked_at.layers[i].summary.rms, trained.layers[i].summary.rms);
}

TEST(Train, ValidatesOnTheEndOfTheFileAndNeverTrainsOnIt) {
  LabelledImages images = small_images(60, 1);
  const LabelledImages test = small_images(40, 2), other = small_images(40, 5);
  LabelledImages with_test = images, with_other = images;
  for (const auto& [into, from] : {std::pair(&with_test, &test), std::pair(&with_other, &other)}) {
    into->pixels.insert(into->pixels.end(), from->pixels.begin(), from->pixels.end());
    into->labels.insert(into->labels.end(), from->labels.begin(), from->labels.end());
  }
  JobSettings settings = small_settings();
  settings.input_scaling = {.kind = InputScalingKind::standardize};
  settings.validation_samples = 40;
  const Record record = run(settings, small_dataset(with_test, test));
  for (const EpochRow& row : record.epochs) {
    EXPECT_EQ(row.validation_loss, row.test_loss);
    EXPECT_EQ(row.validation_accuracy, row.test_accuracy);
  }
  EXPECT_EQ(run(settings, small_dataset(with_other, test)).digest, record.digest);
  settings.validation_samples = 0;
  settings.train_samples = 60;
  const Record without = run(settings, small_dataset(with_test, test));
  EXPECT_EQ(without.digest, record.digest);
  EXPECT_TRUE(std::isnan(without.epochs[1].validation_loss) && std::isnan(without.epochs[1].validation_accuracy));
}

TEST(TrainingSamples, AreWhatTheFileAndTheSettingsLeave) {
  JobSettings settings;
  EXPECT_EQ(n_training_samples(settings, 60'000), 60'000U);
  settings.validation_samples = 10'000;
  EXPECT_EQ(n_training_samples(settings, 60'000), 50'000U);
  settings.train_samples = 1000;
  EXPECT_EQ(n_training_samples(settings, 60'000), 1000U);
}

std::string refusal(const JobSettings& settings) {
  try {
    return std::to_string(n_training_samples(settings, 100));
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(TrainingSamples, SayWhatIsTooMuch) {
  JobSettings settings;
  settings.validation_samples = 100;
  EXPECT_EQ(refusal(settings), "validation_samples 100 leaves none of the 100 training samples of mnist to train on");
  settings.validation_samples = 30;
  settings.train_samples = 80;
  EXPECT_EQ(
      refusal(settings),
      "train_samples 80 is more than the 70 that validation_samples 30 leaves of the 100 training samples of mnist");
}

TEST(TrainDigest, IsOfParametersAndLosses) {
  JobSettings settings = small_settings();
  settings.learning_rate = 0;  // so the parameters stay what the laws give
  settings.bias_stddev = 0.5;
  const Record record = run(settings);
  Sha256 hash;
  Fans fans{.fan_in = 16};
  for (int layer = 1; layer <= 3; ++layer) {
    fans.fan_out = layer == 3 ? 3 : settings.width[static_cast<std::size_t>(layer - 1)];
    const Matrix<float> W = sample_weights(settings.initializer, fans, 1, layer);  // column-major in memory
    const Vector<float> b = sample_biases(settings.initializer, fans, 0.5, 1, layer);
    hash.update(std::as_bytes(std::span(W.data(), static_cast<std::size_t>(W.size()))));
    hash.update(std::as_bytes(std::span(b.data(), static_cast<std::size_t>(b.size()))));
    fans.fan_in = fans.fan_out;
  }
  for (const EpochRow& row : record.epochs) {
    unsigned char bytes[16] = {0, 0, 0, 0, 0, 0, 0xf8, 0x7f};  // the quiet NaN of a missing training loss
    if (row.epoch > 0) std::memcpy(bytes, &row.train_loss, 8);
    std::memcpy(bytes + 8, &row.test_loss, 8);
    hash.update(std::as_bytes(std::span(bytes)));
  }
  EXPECT_EQ(record.digest, "d_" + hash.hex().substr(0, 16));
}

TEST(TrainDenormals, VanishQuietlyAndLeaveTheThreadAsItWas) {
  JobSettings settings = small_settings();
  settings.activation.kind = ActivationKind::sigmoid;
  settings.initializer = scaled_by(1e-4);
  settings.width.assign(30, 6);  // each layer divides delta by about 400
  const Record record = run(settings);
  EXPECT_EQ(record.status, JobStatus::ok);
  const std::vector<double> rms = hidden_delta_rms(std::span(record.layers).first(1 + 6 * 31), 30);
  EXPECT_EQ(rms[0], 0);
  EXPECT_GT(rms[29], 0);
  EXPECT_LT(record.delta_slope_start, -2);
  volatile float tiny = 1e-40f;
  EXPECT_GT(tiny * 1.0f, 0.0f);
}

TEST(TrainLsuv, StartsEveryLayerAtUnitVariance) {
  JobSettings settings = small_settings();
  settings.initializer = {.kind = InitializerKind::lsuv};
  settings.activation.kind = ActivationKind::relu;
  int n_seen = 0;
  for (const LayerRow& row : run(settings).layers) {
    if (row.step > 0 || row.tensor != TensorKind::preactivation) continue;
    EXPECT_NEAR(row.summary.std * row.summary.std, 1, 0.02) << "layer " << row.layer;  // the probe is its batch
    ++n_seen;
  }
  EXPECT_EQ(n_seen, 3);
}

TEST(TrainLsuv, LeavesALayerWithoutVarianceAlone) {
  LabelledImages black = small_images(100, 1);
  std::fill(black.pixels.begin(), black.pixels.end(), std::uint8_t{0});
  JobSettings settings = small_settings();
  settings.initializer = {.kind = InitializerKind::lsuv};
  const Record record = run(settings, small_dataset(black));
  EXPECT_EQ(record.status, JobStatus::ok);
  EXPECT_NEAR(record.layers[1].summary.l2, std::sqrt(8), 1e-5);  // eight orthonormal rows
}

TEST(Numerics, SayWhatTheProductsAreRoundedBy) {
  fix_cache_sizes({.l1 = 48 * 1024, .l2 = 512 * 1024, .l3 = 4 * 1024 * 1024});
  EXPECT_EQ(numerics().cache.l1, 48 * 1024);
  EXPECT_EQ(numerics().cache.l2, 512 * 1024);
  EXPECT_EQ(numerics().cache.l3, 4 * 1024 * 1024);
  fix_cache_sizes();
  EXPECT_EQ(numerics().cache.l1, 32 * 1024);
  EXPECT_EQ(numerics(InstructionSet::portable).gemm.substr(0, 8), "Eigen 3.");
  EXPECT_EQ(numerics().revision, kNumericsRevision);
  EXPECT_EQ(numerics().instruction_set, to_text(best_instruction_set()));
}

}  // namespace
}  // namespace initsweep
