// Trains one small net through the installed library, built for the compiler's own default instruction set.
#include <cstdio>
#include <initsweep/identity.hpp>
#include <initsweep/numerics.hpp>
#include <initsweep/settings.hpp>
#include <initsweep/train.hpp>
#include <utility>

int main() {
  using namespace initsweep;
  LabelledImages images;
  images.rows = images.columns = 2;
  for (int i = 0; i < 40; ++i) {
    images.labels.push_back(static_cast<std::uint8_t>(i % 2));
    for (int pixel = 0; pixel < 4; ++pixel) images.pixels.push_back(i % 2 == 0 ? 250 : 5);
  }
  LabelledImages test = images;
  const Dataset dataset("two grays", std::move(images), std::move(test), 2, "digest");
  JobSettings settings;
  settings.width = {8, 8};
  settings.epochs = 20;
  settings.learning_rate = 0.1;
  fix_cache_sizes();
  const auto record = train(canonical(settings), 1, dataset, RecordOptions{});
  const double accuracy = final_values(*record).test_accuracy;
  std::printf("accuracy %.2f\n", accuracy);
  return accuracy == 1 ? 0 : 1;
}
