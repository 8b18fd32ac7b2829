// How soon a job can be told to stop, in questions asked rather than in time: it asks between all portions of its work.
#include <gtest/gtest.h>
#include <Eigen/QR>
#include <functional>
#include <ostream>
#include <stdexcept>
#include <utility>
#include <vector>
#include "initsweep/initial_weights.hpp"
#include "initsweep/rng.hpp"
#include "orthonormal.hpp"
#include "small_job.hpp"

namespace initsweep {
namespace {

int n_questions(const JobSettings& settings, const Dataset& dataset = small_dataset(),
                const RecordOptions& options = {}) {
  int n = 0;
  EXPECT_TRUE(train(settings, 1, dataset, options, [&](std::int64_t) { return ++n, Interrupt::none; }).has_value());
  return n;
}

struct InterruptCase {
  const char* name;
  void (*change)(JobSettings& settings);
  RecordOptions::Every every = RecordOptions::Every::epoch;
};
void PrintTo(const InterruptCase& c, std::ostream* out) { *out << c.name; }

class TrainInterrupt : public testing::TestWithParam<InterruptCase> {};

TEST_P(TrainInterrupt, IsObeyedWheneverItComes) {
  JobSettings settings = small_settings();
  settings.epochs = 1;
  GetParam().change(settings);
  const RecordOptions options{.every = GetParam().every, .steps = 5};
  const Dataset dataset = small_dataset();
  const int n = n_questions(settings, dataset, options);
  EXPECT_GT(n, 13 + 2 + 2);  // mini-batches, evaluations, records
  for (int at = 1; at <= n; ++at) {
    int asked = 0;
    const auto poll_with = [&](Interrupt answer) {
      EXPECT_LE(asked, at) << "asked again after the answer";
      return ++asked == at ? answer : Interrupt::none;
    };
    EXPECT_EQ(train(settings, 1, dataset, options, [&](std::int64_t) { return poll_with(Interrupt::stop); }),
              std::nullopt);
    asked = 0;
    const auto late = train(settings, 1, dataset, options, [&](std::int64_t) { return poll_with(Interrupt::timeout); });
    ASSERT_TRUE(late.has_value());
    EXPECT_EQ(late->status, JobStatus::timeout);
    EXPECT_EQ(late->error, "stopped by limits.job_timeout");
    EXPECT_EQ(late->steps_run, 0);
    EXPECT_TRUE(late->epochs.empty() && late->layers.empty() && late->digest.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Jobs, TrainInterrupt,
                         testing::Values(InterruptCase{"plain", [](JobSettings&) {}},
                                         InterruptCase{"recorded_often", [](JobSettings&) {},
                                                       RecordOptions::Every::steps},
                                         InterruptCase{"lsuv_and_adam",
                                                       [](JobSettings& s) {
                                                         s.initializer = {.kind = InitializerKind::lsuv};
                                                         s.optimizer = OptimizerKind::adam;
                                                       }},
                                         InterruptCase{"clipped", [](JobSettings& s) { s.gradient_clip = 1; }},
                                         InterruptCase{"validated", [](JobSettings& s) { s.validation_samples = 20; }},
                                         InterruptCase{"diverging", [](JobSettings& s) { s.learning_rate = 1e30; }}),
                         [](const testing::TestParamInfo<InterruptCase>& tested) { return tested.param.name; });

TEST(TrainInterrupt, AnswersBetweenLayersOfDrawingRecordsEvaluationsAndTheDigest) {
  const RecordOptions only_start{.every = RecordOptions::Every::never};
  JobSettings shallow = small_settings(), deep = small_settings();
  shallow.width = std::vector<int>(10, 6);
  deep.width = std::vector<int>(20, 6);
  // A layer more: drawn; forward, backward and six tensors of a record; twice in an evaluation; in the digest.
  constexpr int kOfALayer = 1 + (1 + 1 + 6) + 3 + 1;
  EXPECT_GE(n_questions(deep, small_dataset(), only_start) - n_questions(shallow, small_dataset(), only_start),
            10 * kOfALayer);
  // Of a record after a step also: keeping the weights, and the norm of what the step changed.
  const int of_two_records = n_questions(deep) - n_questions(deep, small_dataset(), only_start);
  const int of_two_shallow_ones = n_questions(shallow) - n_questions(shallow, small_dataset(), only_start);
  EXPECT_GE(of_two_records - of_two_shallow_ones, 2 * 10 * (1 + 1 + 6 + 1 + 1));
}

TEST(TrainInterrupt, AnswersInsideALargeLayer) {
  const RecordOptions never{.every = RecordOptions::Every::never, .probe = 100};
  JobSettings narrow = small_settings(), wide = small_settings();
  for (JobSettings* settings : {&narrow, &wide}) {
    settings->epochs.reset();
    settings->steps = 1;
  }
  narrow.width = {16};
  wide.width = {1600};
  // Every 96 units of a forward pass, twice evaluated and once recorded; every thousand weights or so of a sample on
  // the way back.
  EXPECT_GE(n_questions(wide, small_dataset(), never) - n_questions(narrow, small_dataset(), never), 3 * 16 + 1);
}

// Questions that a piece of work asks, and that it ends at any of them when the answer is an exception.
int questions_of(const std::function<void(const Checkpoint&)>& work) {
  int n = 0;
  work([&] { ++n; });
  for (int at = 1; at <= n; ++at) {
    int asked = 0;
    EXPECT_THROW(work([&] {
                   if (++asked == at) throw std::runtime_error("enough");
                 }),
                 std::runtime_error);
    EXPECT_EQ(asked, at);
  }
  return n;
}

TEST(Checkpoints, LieBetweenMillionsOfDraws) {
  const auto draw = [](Fans fans) {
    return [=](const Checkpoint& checkpoint) {
      static_cast<void>(sample_weights({.kind = InitializerKind::normal}, fans, 1, 1, checkpoint));
    };
  };
  EXPECT_EQ(questions_of(draw({.fan_in = 8, .fan_out = 8})), 1);
  EXPECT_EQ(questions_of(draw({.fan_in = 1500, .fan_out = 1500})), 3);  // 2.25 million, one before each 2^20
}

TEST(Checkpoints, LieBetweenPanelsOfAnOrthogonalMatrix) {
  const int n = questions_of([](const Checkpoint& checkpoint) {
    static_cast<void>(
        sample_weights({.kind = InitializerKind::orthogonal}, {.fan_in = 150, .fan_out = 200}, 1, 1, checkpoint));
  });
  EXPECT_EQ(n, 1 + 4 + 4);  // drawn; 150 columns, 48 at a time, there and back
}

TEST(Checkpoints, LieBetweenScalingsOfLsuv) {
  JobSettings settings = small_settings();
  settings.initializer = {.kind = InitializerKind::lsuv};
  settings.width = {8, 8, 8, 8};
  const int with = n_questions(settings);
  settings.initializer = {.kind = InitializerKind::orthogonal};
  EXPECT_GE(with - n_questions(settings), 5 * 2);  // each layer is looked at, scaled and looked at again
}

// --- what the portions add up to ---

Matrix<double> gaussian(Eigen::Index rows, Eigen::Index columns) {
  RngStream stream(3, StreamPurpose::orthogonal, 1);
  return Matrix<double>::NullaryExpr(rows, columns, [&] { return stream.normal(); });
}

// HouseholderQR at once is the reference, and equality to the bit the claim.
TEST(Orthonormal, InPortionsIsEigensDecompositionToTheBit) {
  for (const auto& [rows, columns] : std::vector<std::pair<Eigen::Index, Eigen::Index>>{
           {1, 1}, {7, 1}, {5, 5}, {47, 47}, {48, 48}, {60, 49}, {95, 95}, {120, 96}, {130, 97}, {301, 200}}) {
    const Matrix<double> start = gaussian(rows, columns);
    const Eigen::HouseholderQR<Matrix<double>> whole(start);
    const Matrix<double> Q = whole.householderQ() * Matrix<double>::Identity(rows, columns);
    Matrix<double> matrix = start;
    EXPECT_EQ(decompose(matrix), Q) << rows << " x " << columns;
    EXPECT_EQ(matrix, whole.matrixQR()) << rows << " x " << columns;
  }
}

}  // namespace
}  // namespace initsweep
