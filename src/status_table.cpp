#include "status_table.hpp"

#include "initsweep/cells.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"

namespace initsweep {

const std::vector<Column>& count_columns() {
  static const std::vector<Column> columns = {
      {"total", ColumnType::integer, ""},  {"ok", ColumnType::integer, ""},      {"diverged", ColumnType::integer, ""},
      {"failed", ColumnType::integer, ""}, {"timeout", ColumnType::integer, ""}, {"missing", ColumnType::integer, ""}};
  return columns;
}

std::vector<std::string> count_fields(const JobCounts& counts) {
  std::vector<std::string> fields;
  for (const std::size_t n :
       {counts.total(), counts.ok, counts.diverged, counts.failed, counts.timeout, counts.missing})
    fields.push_back(std::to_string(n));
  return fields;
}

void Failures::add(const Job& job, const JournalReader& journal) {
  const JournalEntry* entry = journal.find(job.id, sweep_.spec.record);
  if (entry == nullptr || has_results(entry->status)) return;
  if (++n_ > most_shown_) return;
  text_ +=
      "  " + job_label(sweep_.grid, job) + " (" + job.id + "): " + printable(journal.load(*entry).record.error) + "\n";
}

std::string Failures::text() const {
  if (n_ == 0) return {};
  return "failed or timed out:\n" + text_ +
         (n_ > most_shown_ ? "  ... and " + grouped_text(n_ - most_shown_) + " more; see jobs.csv\n" : "");
}

}  // namespace initsweep
