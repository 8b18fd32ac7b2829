// The training loop asks for no memory: what an epoch needs was there after the first one. Counted by standing in for
// malloc, so that no library escapes; under a sanitizer, which does the same, there is nothing to test.
#include <gtest/gtest.h>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include "small_job.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)

namespace {
std::atomic<std::size_t> n_allocations{0};
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void* malloc(std::size_t size) {
  ++n_allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) {
  ++n_allocations;
  return __libc_calloc(n, size);
}
void* realloc(void* memory, std::size_t size) {
  ++n_allocations;
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++n_allocations;
  return __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  ++n_allocations;
  return __libc_memalign(alignment, size);
}
}

namespace initsweep {
namespace {

TEST(Train, AsksForNoMemoryOnceItRuns) {
  const Dataset sparse = [] {
    LabelledImages images = small_images(100, 1);
    for (std::size_t i = 0; i < images.pixels.size(); ++i)
      if (i % 4 != 0) images.pixels[i] = 0;
    return small_dataset(images);
  }();
  const Dataset dense = small_dataset();
  for (const Dataset* dataset : {&sparse, &dense})
    for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::nesterov,
                                     OptimizerKind::rmsprop, OptimizerKind::adam})
      for (const bool is_clipped : {false, true}) {
        JobSettings settings = small_settings();
        settings.optimizer = kind;
        if (is_clipped) settings.gradient_clip = 1;
        const auto allocations_of = [&](std::int64_t epochs) {
          settings.epochs = epochs;
          const std::size_t before = n_allocations;
          static_cast<void>(run(settings, *dataset, {.every = RecordOptions::Every::never}));
          return n_allocations - before;
        };
        allocations_of(1);  // the first job of a process sets up what all share
        const std::size_t n = allocations_of(1);
        EXPECT_GT(n, 0U);  // it counts
        EXPECT_EQ(allocations_of(4), n) << to_text(kind) << (is_clipped ? ", clipped" : "")
                                        << (dataset == &sparse ? ", sparse" : ", dense");
      }
}

}  // namespace
}  // namespace initsweep

#endif
