#include "subprocess.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

class FileActions {
 public:
  FileActions() { require(posix_spawn_file_actions_init(&actions_)); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  void open(int descriptor, const char* path, int flags) {
    require(posix_spawn_file_actions_addopen(&actions_, descriptor, path, flags, 0644));
  }
  void duplicate(int from, int to) { require(posix_spawn_file_actions_adddup2(&actions_, from, to)); }
  void change_folder(const char* path) { require(posix_spawn_file_actions_addchdir_np(&actions_, path)); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  static void require(int error_number) {
    if (error_number != 0) throw std::system_error(error_number, std::generic_category());
  }
  posix_spawn_file_actions_t actions_;
};

}  // namespace

void run_program(const std::vector<std::string>& command, const std::filesystem::path& folder,
                 const std::filesystem::path& log) {
  FileActions actions;
  actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  actions.open(STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
  actions.duplicate(STDOUT_FILENO, STDERR_FILENO);
  actions.change_folder(folder.c_str());
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  pid_t child = 0;
  const int error_number = posix_spawnp(&child, arguments[0], actions.get(), nullptr, arguments.data(), environ);
  if (error_number == ENOENT) throw EnvironmentError(command[0] + " is not installed");
  if (error_number != 0)
    throw EnvironmentError("cannot run " + command[0] + ": " + std::generic_category().message(error_number));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  if (WIFSIGNALED(status))
    throw EnvironmentError(command[0] + " was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) == 0) return;
  std::ifstream output(log);
  std::string first_line;
  std::getline(output, first_line);
  throw EnvironmentError(command[0] + " ended with status " + std::to_string(WEXITSTATUS(status)) +
                         (first_line.empty() ? "" : ": " + printable(first_line)));
}

}  // namespace initsweep
