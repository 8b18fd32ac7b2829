// Pictures as JSON for the scripts of the page: columns instead of objects, numbers at four significant digits, times
// of a timeline to the millisecond.
//
// A thousand combinations have a hundred thousand numbers, many of them twice (a name and its fold, a line and the
// panel of its cell, a band of one seed). A series stands once, in the pool; who has it names its index.
#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>
#include "initsweep/picture.hpp"
#include "initsweep/study.hpp"

namespace initsweep {

// Four significant digits; null where there is no number.
[[nodiscard]] nlohmann::json brief_number(double value);

// Text that begins with `label` is [rest], other text stays as it is.
[[nodiscard]] nlohmann::json text_after(const std::string& text, const std::string& label);

class SeriesPool {
 public:
  // The index of these values; -1 where none of them is a number.
  int add(const std::vector<double>& values);
  [[nodiscard]] const nlohmann::json& series() const { return series_; }

 private:
  nlohmann::json series_ = nlohmann::json::array();
  std::unordered_map<std::string, int> known_;  // by their text
};

// {"kind": "heat" | "lines" | "bars" | "timeline", "id", "title", "note", ...}; the fields of picture.hpp under their
// names. Subjects without a combination are -1.
[[nodiscard]] nlohmann::json picture_json(const Picture& picture, const Study& study, SeriesPool& pool);

}  // namespace initsweep
