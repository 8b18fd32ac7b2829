// What the processor does with denormal numbers, for as long as an object lives, on its thread.
//
// A vanishing net fills its tensors with denormals, and arithmetic on them is 10 to 100 times slower; so training
// flushes them to zero. Statistics must see them as they are. Both are bits of the x86 register MXCSR; constructor and
// destructor live in their own .cpp so that no arithmetic moves across them.
#pragma once

namespace initsweep {

// Denormal results and operands count as zero (FTZ and DAZ set).
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned saved_;
};

// Denormals are numbers like any other (FTZ and DAZ clear).
class KeepDenormals {
 public:
  KeepDenormals();
  ~KeepDenormals();
  KeepDenormals(const KeepDenormals&) = delete;
  KeepDenormals& operator=(const KeepDenormals&) = delete;

 private:
  unsigned saved_;
};

}  // namespace initsweep
