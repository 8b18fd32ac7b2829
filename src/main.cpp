// Arguments, logging and exit codes; composes the rest and decides nothing.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "arguments.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/train.hpp"
#include "log.hpp"
#include "signals.hpp"

#ifdef __GLIBC__  // which a header above defines
#include <malloc.h>
#endif

namespace initsweep {
namespace {

// Whether an environment variable is set to something; NO_COLOR's and CI's conventions both want that.
bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::string log_level(const CommonArguments& common) {
  if (!common.log_level.empty()) return common.log_level;
  return common.quiet ? "error" : common.verbose > 0 ? "debug" : "info";
}

ProgressMode progress_mode(const CommonArguments& common, const Console& console) {
  if (common.progress == "none") return ProgressMode::none;
  if (common.progress == "bar") return ProgressMode::bar;
  if (common.progress == "plain") return ProgressMode::plain;
  if (common.quiet) return ProgressMode::none;
  return console.stderr_is_terminal() && !is_set("CI") ? ProgressMode::bar : ProgressMode::plain;
}

bool has_color(const CommonArguments& common, const Console& console) {
  if (common.color != "auto") return common.color == "always";
  return console.answer_is_terminal() && !is_set("NO_COLOR");
}

// The first of these that is set names the character set.
bool is_utf8_locale() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (is_set(variable)) {
      const std::string_view value = std::getenv(variable);
      return value.find("UTF-8") != std::string_view::npos || value.find("utf8") != std::string_view::npos;
    }
  return false;
}

TableFormat table_format(const CommonArguments& common) {
  return common.format == "csv" ? TableFormat::csv : common.format == "json" ? TableFormat::json : TableFormat::table;
}

struct Dispatch {
  Session& session;
  int operator()(const RunArguments& arguments) const { return run_command(arguments, session); }
  int operator()(const PlanArguments& arguments) const { return plan_command(arguments.sweep, session); }
  int operator()(const MergeArguments& arguments) const { return merge_command(arguments, session); }
  int operator()(const SubmitArguments& arguments) const { return submit_command(arguments, session); }
  int operator()(const StatusArguments& arguments) const { return status_command(arguments, session); }
  int operator()(const ShowArguments& arguments) const { return show_command(arguments, session); }
  int operator()(const CheckArguments& arguments) const { return check_command(arguments, session); }
  int operator()(const ReportArguments& arguments) const { return report_command(arguments, session); }
  int operator()(const PlotArguments& arguments) const { return plot_command(arguments, session); }
  int operator()(const AcceptArguments& arguments) const { return accept_command(arguments, session); }
  int operator()(const DataArguments& arguments) const { return data_command(arguments, session); }
  int operator()(const TheoryArguments& arguments) const { return theory_command(arguments, session); }
  int operator()(const ListArguments& arguments) const { return list_command(arguments.what, session); }
};

int run_program(int argc, char** argv, Console& console) {
  const std::variant<Arguments, std::string> parsed = parse_arguments(argc, argv);
  if (const std::string* text = std::get_if<std::string>(&parsed)) {
    console.answer(*text);
    return kExitDone;
  }
  const auto& [common, command] = std::get<Arguments>(parsed);
  if (!common.data.empty() && !std::filesystem::is_directory(common.data))
    throw EnvironmentError(printable(common.data) + ": error: --data names no folder");
  Log log(console, log_level(common), common.log_file);
  Session session{.console = console,
                  .log = log,
                  .data_option = common.data,
                  .instruction_set = common.isa.empty() ? best_instruction_set() : instruction_set_named(common.isa),
                  .format = table_format(common),
                  .progress = progress_mode(common, console),
                  .color = has_color(common, console),
                  .utf8 = is_utf8_locale(),
                  .command_line = {argv, argv + argc}};
  return std::visit(Dispatch{session}, command);
}

// limits.memory counts what jobs hold. By itself glibc keeps freed blocks of up to 32 MiB in the arena of their thread,
// for it alone: jobs of different shapes took twice the limit. So blocks of a job come from the system and return to
// it; a job asks for them once, never while it trains.
void give_freed_memory_back() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 64 * 1024);
  mallopt(M_TRIM_THRESHOLD, 128 * 1024);
#endif
}

// As many as the system grants: merge and status read the journals of all shards at once.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace
}  // namespace initsweep

int main(int argc, char** argv) {
  using namespace initsweep;
  if (!open_standard_streams()) return kExitEnvironment;  // with nobody to tell
  take_write_errors_as_errors();
  fix_cache_sizes();
  give_freed_memory_back();
  allow_many_files();
  Console console;
  try {
    return run_program(argc, argv, console);
  } catch (const SpecError& error) {
    console.say(error.what());
    return kExitUsage;
  } catch (const UsageError& error) {
    console.say(std::string("initsweep: error: ") + error.what() + "\n");
    return kExitUsage;
  } catch (const EnvironmentError& error) {
    console.say(std::string(error.what()) + "\n");
    return kExitEnvironment;
  } catch (const std::filesystem::filesystem_error& error) {  // a folder above is closed, a name too long
    console.say(printable(error.path1().string()) + ": error: " + error.code().message() + "\n");
    return kExitEnvironment;
  } catch (const std::system_error& error) {  // of std::thread
    console.say("initsweep: error: the system grants no more threads (" + error.code().message() +
                "); what was finished is kept, run it again with a smaller -j\n");
    return kExitEnvironment;
  } catch (const std::bad_alloc&) {
    console.say("initsweep: error: not enough memory; what was finished is kept\n");
    return kExitEnvironment;
  } catch (const std::exception& error) {
    console.say(std::string("initsweep: internal error: ") + error.what() +
                "\nthis is a fault of initsweep; what was finished before is kept\n");
    return kExitInternal;
  }
}
