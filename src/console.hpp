// The two streams of the program: stdout carries the answer, stderr what is said on the way. The one line that is
// redrawn in place (the progress bar) lives here, since everything else said on stderr must not tear it.
//
// Both may quote a sweep file, a path or a journal, so what is written is made safe here (printable_lines), whoever
// says it: no text from outside moves the cursor or hides a line. Who quotes inside a line still uses printable(), so
// that a line feed in a name does not start a line of its own.
#pragma once
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace initsweep {

// Opens what the caller has closed of stdin, stdout and stderr on /dev/null: else the next file to be opened, a journal
// say, would take its number, and what is said would go into it. To be called before any file is opened; false if it
// could not be done.
[[nodiscard]] bool open_standard_streams();

class Console {
 public:
  Console();

  // The answer. A reader that went away (a closed pipe) is no error, nothing more is said to it. Throws
  // EnvironmentError for any other failure (a full disk).
  // Quiet once standard output is closed; false then.
  bool answer(std::string_view text);
  // Text of our own with colours or the like, or a path that a script takes as it is.
  bool answer_as_is(std::string_view text);

  // Whole lines on stderr, which may come from any thread. What cannot be written is lost: a run goes on without it,
  // also where a terminal or a pipe takes nothing for a second.
  void say(std::string_view text);
  // The line at the bottom of a terminal; "" takes it away.
  void show_bar(std::string_view text);

  [[nodiscard]] bool answer_is_terminal() const { return answer_is_terminal_; }
  [[nodiscard]] bool stderr_is_terminal() const { return stderr_is_terminal_; }
  // Columns of the terminal behind either stream, 100 where there is none.
  [[nodiscard]] std::size_t width() const;

 private:
  bool answer_is_terminal_, stderr_is_terminal_;
  bool answer_is_closed_ = false;
  void write_stderr(std::string_view text);
  std::mutex mutex_;  // of stderr
  bool is_stalled_ = false;
  std::string bar_;
};

}  // namespace initsweep
