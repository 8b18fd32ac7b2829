// What theory says of a record is what it says of the net whose record it is.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "initsweep/signal_prediction.hpp"
#include "predicted_record.hpp"
#include "small_job.hpp"

namespace initsweep {
namespace {

double rms_of(const Record& record, int layer, TensorKind tensor) {
  for (const LayerRow& row : record.layers)
    if (row.layer == layer && row.tensor == tensor) return row.summary.rms;
  return kNoValue;
}

TEST(PredictStart, BeginsAtTheInputAndAtTheDeltaOfTheLoss) {
  const JobSettings settings = small_settings();  // 16-[8, 6]-3
  const Record record = run(settings);
  const std::optional<PredictedSignals> found = predict_start(settings, record);
  ASSERT_TRUE(found);

  const std::vector<Fans> fans = {{16, 8}, {8, 6}, {6, 3}};
  const double input = rms_of(record, 0, TensorKind::activation), output = rms_of(record, 3, TensorKind::delta);
  const SignalPrediction expected = predict_signals(settings, fans, input * input, output).value();
  EXPECT_EQ(found->preactivation, expected.preactivation);
  EXPECT_EQ(found->activation, expected.activation);
  EXPECT_EQ(found->delta, expected.delta);
  EXPECT_EQ(found->delta.back(), output);
  // Two hidden layers: their slope toward the input is the difference of logarithms.
  EXPECT_NEAR(found->delta_slope, std::log10(found->delta[0] / found->delta[1]), 1e-12);
}

TEST(PredictStart, SaysNothingWithoutAStart) {
  const JobSettings settings = small_settings();
  EXPECT_FALSE(predict_start(settings, Record{}));
  Record of_another_net = run(settings);
  of_another_net.layers[1].layer = 9;
  EXPECT_FALSE(predict_start(settings, of_another_net));
  Record without_input = run(settings);
  without_input.layers.front().summary.rms = kNoValue;
  EXPECT_FALSE(predict_start(settings, without_input));
}

TEST(PredictedRms, IsThatOfTheRowsLayerAndTensor) {
  const PredictedSignals signals{.preactivation = {1, 2, 3}, .activation = {4, 5}, .delta = {6, 7, 8}};
  const auto row_of = [](int layer, TensorKind tensor) {
    LayerRow row;
    row.layer = layer;
    row.tensor = tensor;
    return row;
  };
  const auto at = [&](int layer, TensorKind tensor) { return predicted_rms(signals, row_of(layer, tensor)); };
  EXPECT_EQ(at(3, TensorKind::preactivation), 3);
  EXPECT_EQ(at(2, TensorKind::activation), 5);
  EXPECT_EQ(at(1, TensorKind::delta), 6);
  EXPECT_TRUE(std::isnan(at(3, TensorKind::activation))) << "softmax is no activation of theory's";
  EXPECT_TRUE(std::isnan(at(0, TensorKind::activation)));
  EXPECT_TRUE(std::isnan(at(1, TensorKind::weight)));
  EXPECT_TRUE(std::isnan(predicted_rms(std::nullopt, row_of(1, TensorKind::delta))));
}

}  // namespace
}  // namespace initsweep
