#include "journal_line.hpp"
#include <zlib.h>
#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <concepts>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "initsweep/numerics.hpp"

namespace initsweep {

namespace {

using Json = nlohmann::ordered_json;  // keys keep the order they are written in
using ReadJson = nlohmann::json;      // and are looked up in a tree, however many a damaged line has

constexpr std::string_view kLineStart = R"({"job":)";
constexpr std::string_view kResultStart = R"(,"result":)";
constexpr std::string_view kCheckStart = R"(,"crc32":")";
constexpr std::string_view kCheckEnd = R"("})";
constexpr std::size_t kCheckDigits = 8;
constexpr std::size_t kTail = kCheckStart.size() + kCheckDigits + kCheckEnd.size();
// A head is some hundred bytes; what is longer is none. The result may be of any length.
constexpr std::size_t kLongestHead = 1 << 16;
constexpr std::string_view kEpochs = "epochs", kLayers = "layers";
constexpr std::array<std::string_view, 3> kEveryNames = {"epoch", "steps", "never"};  // indexed by RecordOptions::Every

std::string dumped(const Json& json) {
  // A message may quote bytes from outside that are no UTF-8; they become U+FFFD; what a terminal would obey is \uNNNN.
  return printable_lines(json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace));
}

std::uint32_t crc32_on(std::uint32_t crc, std::string_view text) {
  return static_cast<std::uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

std::string digits_of(std::uint32_t crc) {
  std::array<char, kCheckDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%08" PRIx32, crc);
  return digits.data();
}

// The fields of a struct, named once for writing, reading and the header's columns.
template <class Row, class Visit>
void visit_epoch_row(Row& row, Visit&& visit) {
  visit("epoch", row.epoch);
  visit("step", row.step);
  visit("train_loss", row.train_loss);
  visit("train_accuracy", row.train_accuracy);
  visit("test_loss", row.test_loss);
  visit("test_accuracy", row.test_accuracy);
  visit("validation_loss", row.validation_loss);
  visit("validation_accuracy", row.validation_accuracy);
}

template <class Row, class Visit>
void visit_layer_row(Row& row, Visit&& visit) {
  visit("epoch", row.epoch);
  visit("step", row.step);
  visit("layer", row.layer);
  visit("tensor", row.tensor);
  visit("fan_in", row.fan_in);
  visit("fan_out", row.fan_out);
  visit("count", row.summary.count);
  visit("nonfinite", row.summary.nonfinite);
  visit("mean", row.summary.mean);
  visit("std", row.summary.std);
  visit("rms", row.summary.rms);
  visit("l2", row.summary.l2);
  visit("min", row.summary.min);
  visit("max", row.summary.max);
  visit("q01", row.summary.q01);
  visit("q50", row.summary.q50);
  visit("q99", row.summary.q99);
  visit("zero_fraction", row.summary.zero_fraction);
  visit("saturated_fraction", row.saturated_fraction);
  visit("dead_fraction", row.dead_fraction);
  visit("between_sample_std", row.between_sample_std);
  visit("update_ratio", row.update_ratio);
  visit("correlation", row.correlation);
  visit("unit_mean_median", row.unit_mean_median);
  visit("jacobian_sv_mean", row.jacobian_sv_mean);
  visit("jacobian_sv_rms", row.jacobian_sv_rms);
  visit("jacobian_sv_min", row.jacobian_sv_min);
  visit("jacobian_sv_max", row.jacobian_sv_max);
}

template <class Options, class Visit>
void visit_record_options(Options& options, Visit&& visit) {
  visit("every", options.every);
  visit("steps", options.steps);
  visit("at_start", options.at_start);
  visit("probe", options.probe);
  visit("jacobian", options.jacobian);
}

template <class Measured, class Visit>
void visit_trace(Measured& trace, Visit&& visit) {
  visit("start", trace.start);
  visit("duration_s", trace.duration_s);
  visit("cpu_s", trace.cpu_s);
  visit("samples_per_s", trace.samples_per_s);
  visit("thread", trace.thread);
  visit("host", trace.host);
  visit("peak_memory_bytes", trace.peak_memory_bytes);
}

// All of a Record but its status, which stands in the line's head, and its rows.
template <class Result, class Visit>
void visit_result(Result& record, Visit&& visit) {
  visit("error", record.error);
  visit("epochs_run", record.epochs_run);
  visit("steps_run", record.steps_run);
  visit("diverged_step", record.diverged_step);
  visit("delta_slope_start", record.delta_slope_start);
  visit("delta_slope_end", record.delta_slope_end);
  visit("digest", record.digest);
}

template <class Made, class Visit>
void visit_numerics(Made& numerics, Visit&& visit) {
  visit("revision", numerics.revision);
  visit("instruction_set", numerics.instruction_set);
  visit("gemm", numerics.gemm);
  visit("l1_bytes", numerics.cache.l1);
  visit("l2_bytes", numerics.cache.l2);
  visit("l3_bytes", numerics.cache.l3);
}

template <class Value>
Json json_of(const Value& value) {
  return value;
}
Json json_of(const RecordOptions::Every& every) { return kEveryNames[static_cast<std::size_t>(every)]; }
Json json_of(const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(nullptr); }

template <class Value>
void read(const ReadJson& json, Value& value) {
  json.get_to(value);
}
template <class Integer>
requires std::integral<Integer> &&(!std::same_as<Integer, bool>)void read(const ReadJson& json, Integer& value) {
  if (!json.is_number_integer()) throw std::runtime_error("a count is not a whole number");
  const bool fits = json.is_number_unsigned() ? std::in_range<Integer>(json.get<std::uint64_t>())
                                              : std::in_range<Integer>(json.get<std::int64_t>());
  if (!fits) throw std::runtime_error("a count is out of range");
  json.get_to(value);
}
void read(const ReadJson& json, double& value) { value = json.is_null() ? kNoValue : json.get<double>(); }
void read(const ReadJson& json, TensorKind& kind) {
  const std::optional<TensorKind> known = parse_kind<TensorKind>(json.get_ref<const std::string&>());
  if (!known) throw std::runtime_error("unknown tensor");
  kind = *known;
}
void read(const ReadJson& json, RecordOptions::Every& every) {
  for (std::size_t i = 0; i < kEveryNames.size(); ++i) {
    if (json != kEveryNames[i]) continue;
    every = static_cast<RecordOptions::Every>(i);
    return;
  }
  throw std::runtime_error("unknown word for when layers are recorded");
}
void read(const ReadJson& json, std::optional<std::int64_t>& value) {
  value.reset();
  if (!json.is_null()) read(json, value.emplace());
}

// Visitors: into and out of an object, into and out of an array, and the names alone.
auto into_object(Json& object) {
  return [&object](const char* name, const auto& value) { object[name] = json_of(value); };
}
auto out_of_object(const ReadJson& object) {
  return [&object](const char* name, auto& value) { read(object.at(name), value); };
}
// The JSON of numbers and of words of ours, which are most of a journal: a tree of them would take three times as long.
void append_json(std::string& text, std::int64_t number) { text += std::to_string(number); }
void append_json(std::string& text, int number) { text += std::to_string(number); }
void append_json(std::string& text, double number) { text += std::isfinite(number) ? float_text(number) : "null"; }
void append_json(std::string& text, TensorKind kind) { text.append("\"").append(to_text(kind)).append("\""); }
auto onto_row(std::string& text) {
  return [&text, is_first = true](const char*, const auto& value) mutable {
    if (!is_first) text += ',';
    is_first = false;
    append_json(text, value);
  };
}
auto out_of_array(const ReadJson& array) {
  return [&array, i = std::size_t{0}](const char*, auto& value) mutable { read(array.at(i++), value); };
}
auto into_names(Json& names) {
  return [&names](const char* name, const auto&) { names.push_back(name); };
}

// Runs `body`, giving what the JSON library throws as a sentence.
template <class Body>
auto parsed(Body&& body) {
  try {
    return body();
  } catch (const ReadJson::parse_error& error) {
    throw std::runtime_error("not JSON at byte " + std::to_string(error.byte));
  } catch (const ReadJson::exception&) {
    throw std::runtime_error("a field is missing or of the wrong type");
  }
}

[[noreturn]] void fail_no_job() { throw std::runtime_error("not the line of a finished job"); }

// The JSON of `job`, out of the first bytes of a line; its end is where the result starts. (Inside a string of JSON the
// quotes would be escaped, so that is the key and nothing else.)
std::string_view job_of(std::string_view start) {
  if (!start.starts_with(kLineStart)) fail_no_job();
  const std::size_t split = start.find(kResultStart);
  if (split == std::string_view::npos) fail_no_job();
  return start.substr(kLineStart.size(), split - kLineStart.size());
}

JournalEntry parse_head(std::string_view text) {
  return parsed([&] {
    const ReadJson job = ReadJson::parse(text);
    JournalEntry entry;
    read(job.at("job_id"), entry.job_id);
    const std::optional<JobStatus> status = parse_kind<JobStatus>(job.at("status").get_ref<const std::string&>());
    if (!status) throw std::runtime_error("unknown status");
    entry.status = *status;
    visit_record_options(entry.record, out_of_object(job.at("record")));
    visit_trace(entry.trace, out_of_object(job.at("trace")));
    return entry;
  });
}

}  // namespace

std::string header_line(const Numerics& numerics) {
  Json header;
  header["initsweep_journal"] = kJournalFormat;
  visit_numerics(numerics, into_object(header["numerics"]));
  const EpochRow epoch;
  visit_epoch_row(epoch, into_names(header["epoch_columns"]));
  const LayerRow layer;
  visit_layer_row(layer, into_names(header["layer_columns"]));
  return dumped(header) + '\n';
}

Numerics parse_header_line(std::string_view line) {
  const ReadJson header = ReadJson::parse(line, /*callback=*/nullptr, /*allow_exceptions=*/false);
  if (!header.is_object() || !header.contains("initsweep_journal"))
    throw std::runtime_error("this is no journal of initsweep; move the file away");
  const ReadJson& format = header["initsweep_journal"];
  if (format != kJournalFormat)  // shown if it is a number: anything else may be of any size
    throw std::runtime_error("the journal has format " + (format.is_number() ? format.dump() : "unknown") +
                             ", this version of initsweep reads format " + std::to_string(kJournalFormat) +
                             "; use the version that wrote it, --fresh to train anew, or another folder with -o");
  try {
    Numerics numerics{};
    visit_numerics(numerics, out_of_object(header.at("numerics")));
    return numerics;
  } catch (const std::exception&) {
    throw std::runtime_error("the journal's header is damaged; move the file away to train its jobs again");
  }
}

void LineCheck::begin() {
  // Their memory stays: that of a new line between what is kept of all lines would leave holes.
  start_.clear();
  tail_.clear();
  crc_ = 0;
  length_ = 0;
  is_finished_ = false;
}

void LineCheck::add(std::string_view piece) {
  if (is_finished_) begin();
  length_ += piece.size();
  start_ += piece.substr(0, kLongestHead - std::min(start_.size(), kLongestHead));
  if (piece.size() >= kTail) {
    crc_ = crc32_on(crc32_on(crc_, tail_), piece.substr(0, piece.size() - kTail));
    tail_ = piece.substr(piece.size() - kTail);
  } else {
    tail_ += piece;
    const std::size_t n_known = tail_.size() - std::min(tail_.size(), kTail);
    crc_ = crc32_on(crc_, std::string_view(tail_).substr(0, n_known));
    tail_.erase(0, n_known);
  }
}

JournalEntry LineCheck::finish() {
  if (is_finished_) begin();
  is_finished_ = true;
  const std::string_view tail = tail_;
  if (tail.size() < kTail || !tail.starts_with(kCheckStart) || !tail.ends_with(kCheckEnd)) fail_no_job();
  const std::string_view start = std::string_view(start_).substr(0, length_ - kTail);
  if (!start.starts_with(kLineStart)) fail_no_job();
  if (tail.substr(kCheckStart.size(), kCheckDigits) != digits_of(crc_))
    throw std::runtime_error("its checksum does not fit");
  return parse_head(job_of(start));
}

JournalEntry parse_line_head(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  LineCheck check;
  check.add(line);
  return check.finish();
}

std::string to_json_line(const FinishedJob& job) {
  Json head;
  head["job_id"] = job.job_id;
  head["status"] = to_text(job.record.status);
  visit_record_options(job.record_options, into_object(head["record"]));
  visit_trace(job.trace, into_object(head["trace"]));

  Json result;
  visit_result(job.record, into_object(result));

  // Rows are written one by one: as a tree, those of a job that records often would take five times their memory.
  std::string line(kLineStart);
  line.reserve(1024 + (job.record.epochs.size() + job.record.layers.size()) * kJournalRowBytes);
  line.append(dumped(head)).append(kResultStart).append(dumped(result));
  line.pop_back();  // its closing brace
  const auto append_rows = [&line](std::string_view key, const auto& rows, const auto& visit) {
    line.append(",\"").append(key).append("\":[");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      line.append(i > 0 ? ",[" : "[");
      visit(rows[i], onto_row(line));
      line += ']';
    }
    line += ']';
  };
  append_rows(kEpochs, job.record.epochs, [](const auto& row, auto visit) { visit_epoch_row(row, visit); });
  append_rows(kLayers, job.record.layers, [](const auto& row, auto visit) { visit_layer_row(row, visit); });
  line += '}';
  const std::string check = digits_of(crc32_on(0, line));
  return line.append(kCheckStart).append(check).append(kCheckEnd).append("\n");
}

FinishedJob parse_json_line(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  JournalEntry head = parse_line_head(line);
  const std::string_view job_text = job_of(line);
  std::string_view result_text = line.substr(kLineStart.size() + job_text.size() + kResultStart.size());
  result_text.remove_suffix(kTail);
  return parsed([&] {
    FinishedJob job{
        .job_id = std::move(head.job_id), .record_options = head.record, .record = {}, .trace = std::move(head.trace)};
    job.record.status = head.status;
    std::string table;  // the key whose value is being read
    const ReadJson result =
        ReadJson::parse(result_text, [&](int depth, ReadJson::parse_event_t event, ReadJson& value) {
          if (event == ReadJson::parse_event_t::key && depth == 1) table = value.get<std::string>();
          if (event != ReadJson::parse_event_t::array_end || depth != 2) return true;
          if (table == kEpochs) visit_epoch_row(job.record.epochs.emplace_back(), out_of_array(value));
          if (table == kLayers) visit_layer_row(job.record.layers.emplace_back(), out_of_array(value));
          return false;  // read, so nothing keeps it
        });
    visit_result(job.record, out_of_object(result));
    for (const std::string_view key : {kEpochs, kLayers})
      if (const ReadJson& left = result.at(std::string(key)); !left.is_array() || !left.empty())
        throw std::runtime_error("a field is missing or of the wrong type");
    return job;
  });
}

}  // namespace initsweep
