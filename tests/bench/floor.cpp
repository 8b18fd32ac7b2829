// The floor: the products of every training step, by oneDNN on dense matrices, and nothing else. Prints the seconds an
// epoch of them takes as one JSON line.
//
//   OMP_NUM_THREADS=1 initsweep_floor W1 [--fold] [--samples N]
//
// A step is, for each layer, Z = A W and dW = A^T dZ, and above the first dA = dZ W^T, row-major, W as (in, out), with
// buffers of their own for each layer and batches that walk through 60,000 inputs. With --fold, dW is not stored: the
// update of plain gradient descent is part of its product, W = W - lr A^T dZ.
#include <oneapi/dnnl/dnnl.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>
#include "workloads.hpp"

namespace initsweep::bench {
namespace {

using Buffer = std::vector<float>;

Buffer uniform(std::int64_t size, float scale) {
  Buffer values(static_cast<std::size_t>(size));
  std::minstd_rand engine(1);
  std::uniform_real_distribution<float> draw(-scale, scale);
  for (float& value : values) value = draw(engine);
  return values;
}

struct Layer {
  std::int64_t fan_in, fan_out;
  Buffer W, dW, a, delta;
};

// C (m, n) = alpha op(A) op(B) + beta C, row-major.
void product(char transpose_a, char transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, float alpha,
             const float* a, std::int64_t a_row, const float* b, std::int64_t b_row, float beta, float* c) {
  if (dnnl_sgemm(transpose_a, transpose_b, m, n, k, alpha, a, a_row, b, b_row, beta, c, n) != dnnl_success)
    throw std::runtime_error("dnnl_sgemm failed");
}

void step(std::vector<Layer>& layers, const float* x, std::int64_t batch, bool fold) {
  const auto input_of = [&](std::size_t l) { return l == 0 ? x : layers[l - 1].a.data(); };
  for (std::size_t l = 0; l < layers.size(); ++l) {
    Layer& layer = layers[l];
    product('N', 'N', batch, layer.fan_out, layer.fan_in, 1, input_of(l), layer.fan_in, layer.W.data(), layer.fan_out,
            0, layer.a.data());
  }
  for (std::size_t l = layers.size(); l-- > 0;) {
    Layer& layer = layers[l];
    if (l > 0)
      product('N', 'T', batch, layer.fan_in, layer.fan_out, 1, layer.delta.data(), layer.fan_out, layer.W.data(),
              layer.fan_out, 0, layers[l - 1].delta.data());
    product('T', 'N', layer.fan_in, layer.fan_out, batch, fold ? -1e-6F : 1, input_of(l), layer.fan_in,
            layer.delta.data(), layer.fan_out, fold ? 1 : 0, fold ? layer.W.data() : layer.dW.data());
  }
}

double seconds_an_epoch(const Workload& workload, bool fold) {
  constexpr std::int64_t n_pixels = 784, n_classes = 10;
  const std::int64_t batch = workload.batch_size;
  const std::int64_t steps = workload.samples / batch;
  if (steps < 1) throw std::invalid_argument("--samples must be a mini-batch at least");
  std::vector<Layer> layers;
  std::int64_t fan_in = n_pixels;
  const auto add = [&](std::int64_t fan_out) {
    layers.push_back({fan_in, fan_out, uniform(fan_in * fan_out, 0.02F), uniform(fan_in * fan_out, 0),
                      uniform(batch * fan_out, 1), uniform(batch * fan_out, 0.001F)});
    fan_in = fan_out;
  };
  for (const int units : workload.width) add(units);
  add(n_classes);
  const Buffer x = uniform(kEpoch * n_pixels, 1);

  const auto run = [&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
      step(layers, x.data() + i * batch % (kEpoch - batch) * n_pixels, batch, fold);
  };
  run(steps / 10 + 3);  // warm up
  start_together();
  const auto start = std::chrono::steady_clock::now();
  run(steps);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return taken.count() * static_cast<double>(kEpoch) / static_cast<double>(steps * batch);
}

}  // namespace
}  // namespace initsweep::bench

int main(int argc, char** argv) {
  using namespace initsweep::bench;
  try {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    const bool fold = take_flag(arguments, "--fold");
    const auto samples = take_count(arguments, "--samples");
    if (arguments.size() != 1) throw std::invalid_argument("expected: initsweep_floor WORKLOAD [--fold] [--samples N]");
    Workload workload = find_workload(arguments[0]);
    if (samples) workload.samples = *samples;
    const double seconds = seconds_an_epoch(workload, fold);
    const dnnl_version_t* version = dnnl_version();
    std::printf("{\"seconds\": %.6f, \"oneDNN\": \"%d.%d.%d\"}\n", seconds, version->major, version->minor,
                version->patch);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "initsweep_floor: %s\n", error.what());
    return 1;
  }
}
