#include "denormals.hpp"

#include <xmmintrin.h>

namespace initsweep {

namespace {

constexpr unsigned kFtzAndDaz = 0x8040;

// Back as it was, but keeping the exception flags raised since.
void restore(unsigned saved) { _mm_setcsr((_mm_getcsr() & ~kFtzAndDaz) | (saved & kFtzAndDaz)); }

}  // namespace

FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | kFtzAndDaz); }
FlushDenormals::~FlushDenormals() { restore(saved_); }

KeepDenormals::KeepDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ & ~kFtzAndDaz); }
KeepDenormals::~KeepDenormals() { restore(saved_); }

}  // namespace initsweep
