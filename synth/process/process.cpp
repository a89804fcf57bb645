// SPDX-License-Identifier: Apache-2.0
// External tools through posix_spawn.
#include "synth/process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <thread>
#include <utility>

#include "synth/error.hpp"

extern char** environ;

namespace hasse::synth {
namespace {

struct ToolPackage {
  std::string_view tool;
  std::string_view package;
};

constexpr std::array<ToolPackage, 10> kPackages{{{"verilator", "verilator"},
                                                 {"yosys", "yosys"},
                                                 {"yosys-smtbmc", "yosys"},
                                                 {"z3", "z3"},
                                                 {"berkeley-abc", "berkeley-abc"},
                                                 {"sta", "opensta"},
                                                 {"iverilog", "iverilog"},
                                                 {"vvp", "iverilog"},
                                                 {"g++", "g++"},
                                                 {"make", "make"}}};

std::string package_hint(std::string_view name) {
  for (const ToolPackage& entry : kPackages) {
    if (entry.tool == name) {
      return fmt::format("; the Debian package '{0}' has it: apt-get install {0}", entry.package);
    }
  }
  return {};
}

/// File actions of posix_spawn, released when they leave scope.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void redirect(const Command& command) {
    const std::string log = command.log.empty() ? "/dev/null" : absolute(command.log).string();
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    if (!command.directory.empty()) {
      posix_spawn_file_actions_addchdir_np(&actions_, command.directory.c_str());
    }
  }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

pid_t spawn(const Command& command, const std::string& program) {
  FileActions actions;
  actions.redirect(command);
  std::vector<std::string> words = command.argv;
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, program.c_str(), actions.get(), nullptr, argv.data(), environ);
  if (error != 0) {
    throw ToolError(fmt::format("{}: cannot be started in '{}' with log '{}': {}", program,
                                command.directory.string(), command.log.string(),
                                std::strerror(error)));
  }
  return pid;
}

int wait_for(pid_t pid, const std::string& program) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) {
      throw ToolError(
          fmt::format("{}: lost track of the process: {}", program, std::strerror(errno)));
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// A file in the temporary directory, removed when it leaves scope.
class TemporaryFile {
 public:
  TemporaryFile()
      : name_((std::filesystem::temp_directory_path() / "hasse-XXXXXX").string()),
        descriptor_(mkstemp(name_.data())) {
    if (descriptor_ < 0) {
      throw ToolError(fmt::format("{}: cannot be created: {}", name_, std::strerror(errno)));
    }
  }
  ~TemporaryFile() {
    close(descriptor_);
    unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int descriptor_;
};

/// What the workers of run_parallel share.
class Queue {
 public:
  Queue(const std::vector<Command>& commands, const std::function<void(std::size_t)>& finished)
      : commands_(commands), finished_(finished), failures_(commands.size()) {}

  void work() {
    for (std::size_t index = take(); index < commands_.size(); index = take()) {
      std::exception_ptr failure;
      try {
        run_checked(commands_[index]);
      } catch (...) {
        failure = std::current_exception();
      }
      finish(index, failure);
    }
  }

  void rethrow_first_failure() const {
    for (const std::exception_ptr& failure : failures_) {
      if (failure) {
        std::rethrow_exception(failure);
      }
    }
  }

 private:
  std::size_t take() {
    const std::lock_guard lock(mutex_);
    return failed_ ? commands_.size() : next_++;
  }

  void finish(std::size_t index, const std::exception_ptr& failure) {
    const std::lock_guard lock(mutex_);
    failures_[index] = failure;
    failed_ = failed_ || failure != nullptr;
    if (!failure && finished_) {
      finished_(index);
    }
  }

  const std::vector<Command>& commands_;
  const std::function<void(std::size_t)>& finished_;
  std::vector<std::exception_ptr> failures_;
  std::mutex mutex_;
  std::size_t next_ = 0;
  bool failed_ = false;
};

}  // namespace

std::filesystem::path find_tool(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return std::filesystem::path(name);
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path candidate = std::filesystem::path(folder) / name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(candidate, ignored) &&
        access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  throw ToolError(fmt::format("{}: not found in PATH{}", name, package_hint(name)));
}

Outcome run_process(const Command& command) {
  if (command.argv.empty()) {
    throw ToolError("cannot run an empty command");
  }
  const std::string program = find_tool(command.argv.front()).string();
  const auto begin = std::chrono::steady_clock::now();
  const int code = wait_for(spawn(command, program), program);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return {code, elapsed.count()};
}

Outcome run_checked(const Command& command) {
  const Outcome outcome = run_process(command);
  if (outcome.exit_code != 0) throw failure(command, outcome);
  return outcome;
}

ToolError failure(const Command& command, const Outcome& outcome) {
  return ToolError(fmt::format("{} failed with exit status {}; its log is {}, which ends:\n{}",
                               command.argv.front(), outcome.exit_code, command.log.string(),
                               tail_of_file(command.log, 12)));
}

std::string run_captured(const std::vector<std::string>& argv,
                         const std::filesystem::path& directory) {
  const TemporaryFile log;
  run_checked({argv, directory, log.name()});
  std::ifstream stream(log.name(), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void run_parallel(const std::vector<Command>& commands, unsigned jobs,
                  const std::function<void(std::size_t)>& finished) {
  Queue queue(commands, finished);
  const std::size_t workers = std::min<std::size_t>(std::max(jobs, 1U), commands.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i) {
      threads.emplace_back([&queue] { queue.work(); });
    }
  }
  queue.rethrow_first_failure();
}

std::string tail_of_file(const std::filesystem::path& file, std::size_t lines) {
  std::ifstream stream(file);
  std::deque<std::string> kept;
  for (std::string line; std::getline(stream, line);) {
    kept.push_back(line);
    if (kept.size() > lines) {
      kept.pop_front();
    }
  }
  return fmt::format("{}", fmt::join(kept, "\n"));
}

}  // namespace hasse::synth
