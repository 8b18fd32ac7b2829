#include "synthetic_images.hpp"

#include <cstdint>

namespace initsweep {

LabelledImages synthetic_images(std::size_t n) {
  LabelledImages images;
  images.rows = images.columns = 28;
  for (std::size_t i = 0; i < n * 784; ++i)
    images.pixels.push_back(i % 5 == 0 ? static_cast<std::uint8_t>(i * 37 % 251) : std::uint8_t{0});
  for (std::size_t i = 0; i < n; ++i) images.labels.push_back(static_cast<std::uint8_t>(i % 10));
  return images;
}

}  // namespace initsweep
