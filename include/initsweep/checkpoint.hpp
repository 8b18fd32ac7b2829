// Where long work asks whether to go on.
#pragma once
#include <functional>

namespace initsweep {

// Called between portions of work that each stay well below a second for layers of up to 4,096 units; it ends the work
// by throwing. Empty: nobody wants to know.
using Checkpoint = std::function<void()>;

inline void ask(const Checkpoint& checkpoint) {
  if (checkpoint) checkpoint();
}

}  // namespace initsweep
