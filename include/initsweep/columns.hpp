// The columns of the result files: names, types and meanings, in file order. They are promises.
#pragma once
#include <vector>
#include "initsweep/csv.hpp"
#include "initsweep/setting.hpp"

namespace initsweep {

[[nodiscard]] std::vector<Column> jobs_columns();
[[nodiscard]] std::vector<Column> epochs_columns();
[[nodiscard]] std::vector<Column> layers_columns();
[[nodiscard]] std::vector<Column> cells_columns();
[[nodiscard]] std::vector<Column> checks_columns();
[[nodiscard]] std::vector<Column> trace_columns();

// A setting's column, the same in every table.
[[nodiscard]] Column setting_column(Setting setting);

}  // namespace initsweep
