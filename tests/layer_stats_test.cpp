#include "initsweep/layer_stats.hpp"
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>
#include "batch_of.hpp"
#include "layer_jacobian.hpp"

namespace initsweep {
namespace {

struct RecordedRow {
  int layer;
  TensorKind tensor;
  int fan_in, fan_out;
  std::int64_t count;
  // mean, std, rms, l2, min, max, q01, q50, q99, zero_fraction, saturated, dead, between_sample_std, update_ratio
  std::array<double, 14> values;
};
const RecordedRow kRecorded[] = {
#include "data/layer_rows.inc"
};
constexpr std::size_t kRowsOfANet = 1 + 6 * 3;

// The formulas of layer_rows.py; entries count row by row.
Matrix<float> filled(Eigen::Index rows, Eigen::Index columns, int salt, float factor) {
  Matrix<float> matrix(rows, columns);
  int k = 0;
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j, ++k)
      matrix(i, j) = static_cast<float>((k * 7 + salt * 5) % 17 - 8) / 8 * factor;
  return matrix;
}

struct Net {
  Activation f;
  Parameters<float> parameters;
  Matrix<float> input = filled(5, 7, 40, 1);
  Pass<float> pass{Keep::everything, 3};
  Gradients<float> gradients;
};

void run(Net& net, const std::vector<std::uint8_t>& labels = {0, 1, 2, 0, 1, 2, 0}) {
  const Kernels<float>& best = kernels(best_instruction_set());
  const Input<float> input = dense_input(net.input);
  forward(best, net.parameters, net.f, input, net.pass);
  output_loss(best, LossKind::softmax_cross_entropy, labels, net.pass);
  Backward<float> way_back(best, net.parameters, input, net.pass);
  mean_gradients(way_back, net.parameters, net.gradients);
}

Net make_net(ActivationKind kind, float factor) {
  Net net;
  net.f.kind = kind;
  const int sizes[] = {5, 4, 3, 3};
  for (int l = 0; l < 3; ++l) {
    net.parameters.weights.emplace_back(filled(sizes[l + 1], sizes[l], l, factor));
    net.parameters.biases.push_back(filled(sizes[l + 1], 1, 20 + l, 0.5f));
  }
  run(net);
  return net;
}

std::vector<LayerRow> rows_of(const Net& net, InstructionSet set = best_instruction_set()) {
  LayerSummarizer with(kernels(set).statistics);
  return layer_rows(net.parameters, net.f, input_row(net.input.transpose(), with), net.pass, net.gradients,
                    std::array{0.125, 0.25, 0.375}, 2, 17, with);
}

std::array<double, 14> values_of(const LayerRow& row) {
  const Summary& s = row.summary;
  return {s.mean,
          s.std,
          s.rms,
          s.l2,
          s.min,
          s.max,
          s.q01,
          s.q50,
          s.q99,
          s.zero_fraction,
          row.saturated_fraction,
          row.dead_fraction,
          row.between_sample_std,
          row.update_ratio};
}

// Both missing, or both there and near: the passes are float32, numbers of order 1 with some tens of roundings.
bool agree(double a, double b) { return std::isnan(a) ? std::isnan(b) : std::abs(a - b) <= 3e-6; }

struct NetCase {
  const char* name;
  ActivationKind kind;
  float factor;
  std::size_t first_row;
};
class LayerRows : public testing::TestWithParam<NetCase> {};

TEST_P(LayerRows, AreThoseOfAPlainComputation) {
  const std::vector<LayerRow> rows = rows_of(make_net(GetParam().kind, GetParam().factor));
  ASSERT_EQ(rows.size(), kRowsOfANet);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RecordedRow& recorded = kRecorded[GetParam().first_row + i];
    const LayerRow& row = rows[i];
    SCOPED_TRACE("layer " + std::to_string(recorded.layer) + " " + std::string(to_text(recorded.tensor)));
    EXPECT_EQ(row.epoch, 2);
    EXPECT_EQ(row.step, 17);
    EXPECT_EQ(row.layer, recorded.layer);
    EXPECT_EQ(row.tensor, recorded.tensor);
    EXPECT_EQ(row.fan_in, recorded.fan_in);
    EXPECT_EQ(row.fan_out, recorded.fan_out);
    EXPECT_EQ(row.summary.count, recorded.count);
    EXPECT_EQ(row.summary.nonfinite, 0);
    const std::array<double, 14> values = values_of(row);
    for (std::size_t k = 0; k < values.size(); ++k)
      EXPECT_TRUE(agree(values[k], recorded.values[k]))
          << "value " << k << ": " << values[k] << ", recorded " << recorded.values[k];
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, LayerRows,
                         testing::Values(NetCase{"tanh", ActivationKind::tanh, 2, 0},
                                         NetCase{"relu", ActivationKind::relu, 1, kRowsOfANet}),
                         [](const testing::TestParamInfo<NetCase>& param) { return param.param.name; });

TEST(LayerRowsCheck, RejectsAnotherNet) {
  const std::vector<LayerRow> rows = rows_of(make_net(ActivationKind::relu, 1.0001f));
  bool all_agree = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::array<double, 14> values = values_of(rows[i]);
    for (std::size_t k = 0; k < values.size(); ++k)
      all_agree = all_agree && agree(values[k], kRecorded[kRowsOfANet + i].values[k]);
  }
  EXPECT_FALSE(all_agree);
  EXPECT_FALSE(agree(kNoValue, 0));
  EXPECT_FALSE(agree(0, kNoValue));
}

TEST(LayerRows, HaveNoUpdateRatioBeforeTheFirstStep) {
  const Net net = make_net(ActivationKind::relu, 1);
  LayerSummarizer with(kernels(best_instruction_set()).statistics);
  for (const LayerRow& row : layer_rows(net.parameters, net.f, input_row(net.input.transpose(), with), net.pass,
                                        net.gradients, {}, 0, 0, with))
    EXPECT_TRUE(std::isnan(row.update_ratio));
}

const LayerRow& row_of(const std::vector<LayerRow>& rows, int layer, TensorKind tensor) {
  return *std::find_if(rows.begin(), rows.end(),
                       [=](const LayerRow& row) { return row.layer == layer && row.tensor == tensor; });
}

TEST(LayerRows, CountWhatIsNotFiniteAndGiveNoMomentsOfIt) {
  Net net = make_net(ActivationKind::tanh, 1);
  net.parameters.weights[1](0, 0) = std::numeric_limits<float>::infinity();
  run(net);
  const std::vector<LayerRow> rows = rows_of(net);
  EXPECT_EQ(row_of(rows, 2, TensorKind::weight).summary.nonfinite, 1);
  EXPECT_TRUE(std::isnan(row_of(rows, 2, TensorKind::weight).update_ratio));
  const LayerRow& z = row_of(rows, 2, TensorKind::preactivation);
  EXPECT_EQ(z.summary.nonfinite, 7);  // one unit, every sample
  EXPECT_TRUE(std::isnan(z.correlation) && std::isnan(z.unit_mean_median));
  EXPECT_TRUE(std::isnan(z.between_sample_std) && std::isnan(z.saturated_fraction) && std::isnan(z.dead_fraction));
  EXPECT_EQ(row_of(rows, 1, TensorKind::preactivation).summary.nonfinite, 0);  // the layer below is well
  EXPECT_FALSE(std::isnan(row_of(rows, 1, TensorKind::preactivation).dead_fraction));
}

TEST(LayerRows, CallAUnitDeadWhenNoSampleMovesIt) {
  Net net = make_net(ActivationKind::relu, 1);
  net.parameters.biases[0] << -100, 100, -100, 100;
  run(net);
  EXPECT_EQ(row_of(rows_of(net), 1, TensorKind::preactivation).dead_fraction, 0.5);
}

TEST(LayerRows, CallEveryFarEntrySaturated) {
  for (const ActivationKind kind : {ActivationKind::sigmoid, ActivationKind::hard_sigmoid, ActivationKind::tanh,
                                    ActivationKind::hard_tanh, ActivationKind::softsign, ActivationKind::erf}) {
    Net net = make_net(kind, 1);
    net.parameters.weights[0].matrix().setZero();
    net.parameters.biases[0] << -100, 0, 100, 0;  // two of four units on the flat parts
    run(net);
    EXPECT_EQ(row_of(rows_of(net), 1, TensorKind::preactivation).saturated_fraction, 0.5) << to_text(kind);
  }
}

// Samples that fill no panel, units that fill no column.
Net make_net_of_panels(ActivationKind kind) {
  Net net = make_net(kind, 1);
  net.input = filled(5, 150, 41, 1);
  run(net, std::vector<std::uint8_t>(150, 1));
  return net;
}

struct Directions {
  double correlation, unit_mean_median;
};

// Pair by pair, leaving out columns of zeros.
Directions directions_of(const Matrix<double>& units_by_samples) {
  double sum = 0, pairs = 0;
  for (Index i = 0; i < units_by_samples.cols(); ++i)
    for (Index j = 0; j < i; ++j) {
      const auto a = units_by_samples.col(i), b = units_by_samples.col(j);
      if (a.isZero(0) || b.isZero(0)) continue;
      sum += a.dot(b) / (a.norm() * b.norm());
      ++pairs;
    }
  std::vector<double> means;
  for (Index unit = 0; unit < units_by_samples.rows(); ++unit) means.push_back(units_by_samples.row(unit).mean());
  std::sort(means.begin(), means.end());
  return {sum / pairs, (means[(means.size() - 1) / 2] + means[means.size() / 2]) / 2};
}

LayerRow row_of_samples(const Matrix<float>& units_by_samples) {
  LayerSummarizer with(kernels(best_instruction_set()).statistics);
  return input_row(units_by_samples.transpose(), with);
}

TEST(LayerRows, CorrelateSamplesOfAnyLength) {
  Matrix<float> samples = filled(6, 9, 3, 1);
  samples.col(2) *= 1e-30f;
  samples.col(4) *= 1e-42f;
  samples.col(5) *= 1e38f;
  samples.col(7).setZero();
  // Factors of float32 denormals have few digits, so the reference is of the rounded numbers.
  const Directions expected = directions_of(samples.cast<double>());
  EXPECT_NEAR(row_of_samples(samples).correlation, expected.correlation, 1e-14);
  EXPECT_GT(std::abs(expected.correlation), 1e-3) << "something to see";
}

TEST(LayerRows, CorrelationKnowsWhatIsAlikeAndWhatIsOpposed) {
  Matrix<float> samples(3, 4);
  samples << 1, 2, 3, 0.1f, -1, -2, -3, -0.1f, 0.3f, 0.6f, 0.9f, 0.03f;
  const double alike = row_of_samples(samples).correlation;
  EXPECT_NEAR(alike, 1, 1e-14);
  EXPECT_LE(alike, 1);
  EXPECT_NEAR(row_of_samples(Matrix<float>{{1, -3}, {2, -6}}).correlation, -1, 1e-15);
  EXPECT_NEAR(row_of_samples(Matrix<float>{{1, 0, 0}, {0, 2, 0}, {0, 0, 3}}).correlation, 0, 1e-15);
  EXPECT_TRUE(std::isnan(row_of_samples(Matrix<float>{{1}, {2}}).correlation)) << "one sample alone";
  EXPECT_TRUE(std::isnan(row_of_samples(Matrix<float>{{0, 0, 1}, {0, 0, 2}}).correlation))
      << "one that has a direction";
  // Means of units, and the median of them: 0.5, -2.5, 7 are by hand.
  EXPECT_EQ(row_of_samples(Matrix<float>{{1, 0}, {-2, -3}, {7, 7}}).unit_mean_median, 0.5);
  EXPECT_EQ(row_of_samples(Matrix<float>{{1, 0}, {-2, -3}}).unit_mean_median, -1);
}

TEST(LayerRows, HaveSingularValuesWhereTheyAreAskedFor) {
  const Net net = make_net(ActivationKind::tanh, 2);
  LayerSummarizer with(kernels(best_instruction_set()).statistics, {}, /*n_jacobians=*/3);
  for (const LayerRow& row : layer_rows(net.parameters, net.f, input_row(net.input.transpose(), with), net.pass,
                                        net.gradients, {}, 0, 0, with)) {
    if (row.tensor != TensorKind::activation || row.layer == 0 || row.layer == 3) {
      EXPECT_TRUE(std::isnan(row.jacobian_sv_mean) && std::isnan(row.jacobian_sv_max)) << row.layer;
      continue;
    }
    const std::size_t l = static_cast<std::size_t>(row.layer) - 1;
    const SingularValues values = jacobian_singular_values(net.parameters.weights[l], net.pass.derivative(l), 3);
    EXPECT_EQ(row.jacobian_sv_mean, values.mean);
    EXPECT_EQ(row.jacobian_sv_rms, values.rms);
    EXPECT_EQ(row.jacobian_sv_min, values.min);
    EXPECT_EQ(row.jacobian_sv_max, values.max);
    EXPECT_GT(values.mean, 0);
  }
  for (const LayerRow& row : rows_of(net)) EXPECT_TRUE(std::isnan(row.jacobian_sv_mean));
}

TEST(LayerRows, SeeEverySampleOfSeveralPanelsAndNothingBetweenThem) {
  const Net net = make_net_of_panels(ActivationKind::relu);
  const std::vector<LayerRow> rows = rows_of(net);
  for (int layer = 1; layer <= 3; ++layer) {
    const std::size_t l = static_cast<std::size_t>(layer) - 1;
    const Matrix<double> z = matrix_of(net.pass.z(l)).cast<double>();  // (units, samples)
    const Matrix<double> deviations = z.colwise() - z.rowwise().mean();
    const LayerRow& row = row_of(rows, layer, TensorKind::preactivation);
    EXPECT_EQ(row.summary.count, z.size());
    EXPECT_NEAR(row.summary.mean, z.mean(), 1e-14);  // a few hundred roundings of numbers of order 1
    EXPECT_NEAR(row.summary.l2, z.norm(), 1e-13);
    EXPECT_EQ(row.summary.min, z.minCoeff());
    EXPECT_EQ(row.summary.max, z.maxCoeff());
    EXPECT_NEAR(row.between_sample_std, deviations.norm() / std::sqrt(static_cast<double>(z.size())), 1e-14);
    const Directions expected = directions_of(z);
    EXPECT_NEAR(row.correlation, expected.correlation, 1e-13);
    EXPECT_NEAR(row.unit_mean_median, expected.unit_mean_median, 1e-14);
    EXPECT_EQ(row_of(rows, layer, TensorKind::activation).summary.count, z.size());
    EXPECT_EQ(row_of(rows, layer, TensorKind::delta).summary.count, z.size());
  }
}

TEST(LayerRows, AreTheSameBitsForEveryInstructionSet) {
  const Net net = make_net_of_panels(ActivationKind::tanh);
  const std::vector<LayerRow> plain = rows_of(net, InstructionSet::portable);
  for (const InstructionSet set : kInstructionSets) {
    if (!is_available(set)) continue;
    const std::vector<LayerRow> rows = rows_of(net, set);
    ASSERT_EQ(rows.size(), plain.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      using Bits = std::array<std::uint64_t, 14>;
      EXPECT_EQ(std::bit_cast<Bits>(values_of(rows[i])), std::bit_cast<Bits>(values_of(plain[i])))
          << to_text(set) << ", row " << i;
      const auto directions = [](const LayerRow& row) { return std::array{row.correlation, row.unit_mean_median}; };
      using TwoBits = std::array<std::uint64_t, 2>;
      EXPECT_EQ(std::bit_cast<TwoBits>(directions(rows[i])), std::bit_cast<TwoBits>(directions(plain[i])))
          << to_text(set) << ", row " << i;
    }
  }
}

TEST(LayerRows, SeeDenormalNumbers) {
  Net net = make_net(ActivationKind::linear, 1);
  constexpr float kDenormal = 1e-40f;
  net.parameters.weights[0].matrix().setConstant(kDenormal);
  const Summary weight = row_of(rows_of(net), 1, TensorKind::weight).summary;
  EXPECT_NEAR(weight.rms / kDenormal, 1, 1e-12);
  EXPECT_EQ(weight.zero_fraction, 0);
}

TEST(LayerRows, GiveTheRmsOfHiddenDeltasInOrder) {
  const std::vector<LayerRow> rows = rows_of(make_net(ActivationKind::tanh, 2));
  const std::vector<double> rms = hidden_delta_rms(rows, 2);
  ASSERT_EQ(rms.size(), 2U);
  EXPECT_EQ(rms[0], row_of(rows, 1, TensorKind::delta).summary.rms);
  EXPECT_EQ(rms[1], row_of(rows, 2, TensorKind::delta).summary.rms);
}

}  // namespace
}  // namespace initsweep
