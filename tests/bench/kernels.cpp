// The kernels one by one, for every instruction set here: `--benchmark_filter=forward` and the like choose. Names give
// inputs x units x samples; rates are multiply-adds counted as two operations, or numbers.
#include "initsweep/kernels.hpp"
#include <benchmark/benchmark.h>
#include <random>
#include <string>
#include "batches.hpp"
#include "initsweep/stats.hpp"

namespace initsweep {
namespace {

struct Shape {
  Index fan_in, fan_out, samples;
};
constexpr Shape kShapes[] = {{100, 100, 64}, {300, 300, 128}, {1000, 1000, 128}, {1000, 1000, 10}, {300, 100, 50}};

// What a layer of this shape works on, filled with numbers near 1.
struct Layer {
  explicit Layer(const Shape& shape)
      : W(Matrix<float>(Matrix<float>::Random(shape.fan_out, shape.fan_in))),
        bias(Vector<float>::Random(shape.fan_out)),
        below(Panels<float>(Matrix<float>(Matrix<float>::Random(shape.fan_in, shape.samples)))),
        derivative(Panels<float>(Matrix<float>(Matrix<float>::Random(shape.fan_in, shape.samples)))),
        above(Panels<float>(Matrix<float>(Matrix<float>::Random(shape.fan_out, shape.samples)))) {
    by_sample.reserve(W.stride() * padded(shape.samples));
    portable_kernels<float>().to_samples(above.data(), shape.fan_out, shape.samples, 1e-6f, by_sample.data(),
                                         W.stride());
  }
  Weights<float> W;
  Vector<float> bias;
  Panels<float> below, derivative, above;
  Buffer<float> by_sample;
};

using Operation = void (*)(const Kernels<float>&, Layer&, const Shape&);

void forward(const Kernels<float>& k, Layer& l, const Shape& s) {
  k.forward(l.W, l.bias.data(), l.below.data(), l.above.data(), {0, s.fan_out}, s.samples);
}
void back_propagate(const Kernels<float>& k, Layer& l, const Shape& s) {
  k.back_propagate(l.W, l.above.data(), l.derivative.data(), l.below.data(), {0, s.fan_in}, s.samples);
}
void gradient(const Kernels<float>& k, Layer& l, const Shape& s) {
  k.gradient(l.by_sample.data(), l.W.stride(), l.below.data(), s.fan_in, {0, s.fan_in}, s.samples, 1, l.W.column(0));
}
void to_samples(const Kernels<float>& k, Layer& l, const Shape& s) {
  k.to_samples(l.above.data(), s.fan_out, s.samples, 0.5f, l.by_sample.data(), l.W.stride());
}

void time_product(benchmark::State& state, InstructionSet set, const Shape& shape, Operation operation) {
  Layer layer(shape);
  for (auto _ : state) operation(kernels(set), layer, shape);
  state.counters["flops"] = benchmark::Counter(2.0 * static_cast<double>(shape.fan_in * shape.fan_out * shape.samples),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

void time_to_samples(benchmark::State& state, InstructionSet set, const Shape& shape) {
  Layer layer(shape);
  for (auto _ : state) to_samples(kernels(set), layer, shape);
  state.counters["numbers"] = benchmark::Counter(static_cast<double>(shape.fan_out * shape.samples),
                                                 benchmark::Counter::kIsIterationInvariantRate);
}

void time_activation(benchmark::State& state, InstructionSet set, ActivationKind kind) {
  constexpr Index n = 6400;
  Vector<float> z = Vector<float>::Random(n) * 3, a(n), derivative(n);
  for (auto _ : state) kernels(set).activate({.kind = kind}, z.data(), a.data(), derivative.data(), n);
  state.counters["numbers"] = benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
}

// Images like MNIST's: a fifth of the bytes, in runs, is not zero.
LabelledImages images() {
  LabelledImages images{.rows = 28, .columns = 28, .pixels = {}, .labels = {}};
  std::mt19937 engine(1);
  for (int image = 0; image < 1000; ++image) {
    images.labels.push_back(static_cast<std::uint8_t>(engine() % 10));
    for (int row = 0; row < 28; ++row) {
      const unsigned first = 6 + engine() % 8, last = first + 5 + engine() % 7;
      for (unsigned column = 0; column < 28; ++column) {
        const bool is_there = row >= 4 && row < 24 && column >= first && column < last;
        images.pixels.push_back(is_there ? static_cast<std::uint8_t>(1 + engine() % 255) : std::uint8_t{0});
      }
    }
  }
  return images;
}

void time_gather(benchmark::State& state, InstructionSet set) {
  const LabelledImages all = images();
  const BatchReader reader({}, all, all.size(), kernels(set));
  std::vector<std::uint32_t> indices(64);
  std::mt19937 engine(2);
  Batch batch;
  for (auto _ : state) {
    for (std::uint32_t& index : indices) index = static_cast<std::uint32_t>(engine() % all.size());
    reader.read_both_ways(all, indices, batch);
  }
  state.counters["samples"] = benchmark::Counter(64, benchmark::Counter::kIsIterationInvariantRate);
}

void time_first_layer(benchmark::State& state, InstructionSet set, Index units, bool is_gradient) {
  const LabelledImages all = images();
  const BatchReader reader({}, all, all.size(), kernels(set));
  std::vector<std::uint32_t> indices(64);
  for (std::uint32_t i = 0; i < 64; ++i) indices[i] = i * 7;
  Batch batch;
  reader.read_both_ways(all, indices, batch);
  Layer layer({784, units, 64});
  Vector<float> sum = Vector<float>::Zero(layer.W.stride());
  const Kernels<float>& k = kernels(set);
  for (auto _ : state) {
    if (is_gradient)
      k.sparse_gradient(layer.by_sample.data(), layer.W.stride(), sum.data(), batch.x.sparse, {0, 784}, 1,
                        layer.W.column(0));
    else
      k.sparse_forward(layer.W, sum.data(), batch.x.sparse, {0, 64}, layer.by_sample.data());
  }
  const double entries = batch.x.sparse.sample_start.data()[64];
  state.counters["flops"] =
      benchmark::Counter(2 * entries * static_cast<double>(units), benchmark::Counter::kIsIterationInvariantRate);
}

void time_statistics(benchmark::State& state, Index n) {
  const Vector<float> values = Vector<float>::Random(n);
  Summarizer summarizer(kernels(best_instruction_set()).statistics);
  for (auto _ : state) benchmark::DoNotOptimize(summarize({values.data(), static_cast<std::size_t>(n)}, summarizer));
  state.counters["numbers"] = benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
}

void add(const std::string& name, InstructionSet set, auto... arguments) {
  benchmark::RegisterBenchmark((name + "/" + std::string(to_text(set))).c_str(), arguments...);
}

void add_all() {
  for (const InstructionSet set : kInstructionSets) {
    if (!is_available(set)) continue;
    for (const Shape& s : kShapes) {
      const std::string size =
          std::to_string(s.fan_in) + "x" + std::to_string(s.fan_out) + "x" + std::to_string(s.samples);
      add("forward/" + size, set, time_product, set, s, forward);
      add("back_propagate/" + size, set, time_product, set, s, back_propagate);
      add("gradient/" + size, set, time_product, set, s, gradient);
      add("to_samples/" + size, set, time_to_samples, set, s);
    }
    for (std::size_t kind = 0; kind < kind_table<ActivationKind>().size(); ++kind)
      add("activate/" + std::string(kind_table<ActivationKind>()[kind].name), set, time_activation, set,
          static_cast<ActivationKind>(kind));
    add("gather/784x64", set, time_gather, set);
    for (const Index units : {100, 300, 1000}) {
      add("sparse_forward/784x" + std::to_string(units) + "x64", set, time_first_layer, set, units, false);
      add("sparse_gradient/784x" + std::to_string(units) + "x64", set, time_first_layer, set, units, true);
    }
  }
  for (const Index n : {1000, 10000, 100000})
    benchmark::RegisterBenchmark(("summarize/" + std::to_string(n)).c_str(), time_statistics, n);
}

}  // namespace
}  // namespace initsweep

int main(int argc, char** argv) {
  initsweep::add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
