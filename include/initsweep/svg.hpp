// Pictures as SVG, for papers, pull requests and pages without scripts.
//
// Colours are safe for the colour-blind (viridis; Okabe & Ito's eight; a red-blue pair) and never the only sign. In a
// page they follow its light or dark through CSS variables (--ink, --paper, --grid); a file of its own is light.
// Numbers are rounded to what can be seen; each mark has a <title>. The same bytes for the same picture.
#pragma once
#include <cstddef>
#include <string>
#include "initsweep/picture.hpp"

namespace initsweep {

// A whole <svg> element, without an XML declaration, that can stand in a page or be a file. `view` is that of a
// LineChart. Text from outside is escaped.
[[nodiscard]] std::string svg(const Picture& picture, std::size_t view = 0);

}  // namespace initsweep
