// What the shells make of the completion scripts, each asked itself, and what man makes of the manual page.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

struct Line {
  const char* typed;
  const char* completed;  // one of what is offered, or "": nothing is
};

// Of each kind of value: command, flag, preset, key, word of a key, switch, environment, experiment, shell.
constexpr Line kLines[] = {{"deepq tr", "train"},
                           {"deepq train --pre", "--preset"},
                           {"deepq train --preset rainbow-", "rainbow-atari"},
                           {"deepq train --set agent.alg", "agent.algorithm="},
                           {"deepq train --set agent.algorithm=pq", "pqn"},
                           {"deepq train --set agent.double=t", "true"},
                           {"deepq train --env Acro", "Acrobot-v1"},
                           {"deepq envs Acro", "Acrobot-v1"},
                           {"deepq lab deadly", "deadly-triad"},
                           {"deepq completion f", "fish"},
                           {"deepq train --steps 1", ""}};

std::string output_of(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << text;
  return text;
}

bool is_there(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

class CompletionTest : public CliTest {
 protected:
  // Writes the shell's script, and returns its path.
  std::string script(const std::string& shell, const std::string& name) {
    const Result result = run_program({"completion", shell});
    EXPECT_EQ(result.status, 0) << result.err;
    write_text(path(name), result.out);
    return path(name);
  }
};

TEST_F(CompletionTest, Bash) {
  std::string program = "source " + script("bash", "deepq.bash") + "\n";
  for (const Line& line : kLines)
    program += std::string("COMP_LINE='") + line.typed +
               "'; COMP_POINT=${#COMP_LINE}; COMPREPLY=(); _deepq 2>/dev/null; echo \"${COMPREPLY[*]}\"\n";
  write_text(path("ask"), program);
  std::istringstream answers(output_of("bash " + path("ask")));
  for (const Line& line : kLines) {
    std::string answer;
    std::getline(answers, answer);
    EXPECT_EQ(answer, line.completed) << line.typed;
  }
}

// As readline takes them: what it has cut off at = is gone, a blank ends no name, and it is told that these are files.
TEST_F(CompletionTest, BashCompletesPaths) {
  std::filesystem::create_directories(path("runs/my run"));
  std::filesystem::create_directories(path("runs/lr=0.1"));
  const std::string begin =
      "source " + script("bash", "deepq.bash") + "\ncompopt() { echo \"compopt $*\"; }\nask() { COMP_LINE=$1; " +
      "COMP_POINT=${#COMP_LINE}; COMPREPLY=(); _deepq; printf '%s|' \"${COMPREPLY[@]}\"; echo; }\n";
  write_text(path("ask"), begin + "ask 'deepq eval " + path("runs/m") + "'\nask 'deepq eval " + path("runs/lr=") +
                              "'\nask 'deepq train --out " + path("runs/lr=") + "'\n");
  EXPECT_EQ(output_of("bash " + path("ask")), "compopt -o filenames\n" + path("runs/my run") +
                                                  "|\ncompopt -o filenames\n0.1|\ncompopt -o filenames\n0.1|\n");
}

// fish offers "key=word" as a whole.
TEST_F(CompletionTest, Fish) {
  if (!is_there("fish")) GTEST_SKIP() << "fish is not installed";
  const std::string source = "source " + script("fish", "deepq.fish");
  for (const Line& line : kLines) {
    write_text(path("ask"), source + "\ncomplete -C '" + line.typed + "'\n");
    const std::string answer = output_of("fish --no-config " + path("ask"));
    EXPECT_NE(answer.find(line.completed), std::string::npos) << line.typed << "\n" << answer;
    EXPECT_EQ(answer.empty(), *line.completed == 0) << line.typed << "\n" << answer;
  }
}

// A terminal's zsh, for its completion does not answer scripts: what the tab adds is waited for.
TEST_F(CompletionTest, Zsh) {
  if (!is_there("zsh")) GTEST_SKIP() << "zsh is not installed";
  script("zsh", "_deepq");
  std::string ask = "zmodload zsh/zpty\nzpty z zsh -f -i\nzpty -w z 'fpath=(" + folder_ +
                    " $fpath); autoload -Uz compinit; compinit -u -d " + path("dump") +
                    "; PS1=READY; setopt noautomenu; echo BE''GIN'\nzpty -r z out '*BEGIN*READY*'\n";
  for (const Line& line : kLines) {
    if (*line.completed == 0) continue;
    const std::string typed = line.typed, completed = line.completed;
    const std::string last = typed.substr(typed.find_last_of(" =") + 1), rest = completed.substr(last.size());
    // After the tab the line is accepted as a comment; what zsh then does not find names the whole.
    ask += "zpty -w -n z '" + typed + "'$'\\t'$'\\C-aecho \\'GOT \\C-e\\'\\n'\nzpty -r z out '*" + rest + "*READY*'\n";
    ask += "print -r -- \"$out\"\n";
  }
  write_text(path("ask"), ask + "zpty -d z\n");
  EXPECT_NE(output_of("timeout 50 zsh -f " + path("ask")).find("Acrobot-v1"), std::string::npos);
}

TEST_F(CompletionTest, UnknownShellsAreRefused) {
  expect_refusal({"completion", "zhs"}, {"unknown shell 'zhs'", "bash, zsh, fish"});
  expect_refusal({"completion"}, {"SHELL"});
}

TEST_F(CompletionTest, TheManualPageHasEveryCommandAndFlag) {
  const Result page = run_program({"help", "--man"});
  ASSERT_EQ(page.status, 0);
  EXPECT_EQ(page.out.find("\n.\n"), std::string::npos);
  for (const char* part :
       {".TH DEEPQ 1", "\\fB\\-\\-preset\\fR \\fINAME\\fR", ".SS deepq compare DIR...", ".SS deepq completion SHELL"})
    EXPECT_NE(page.out.find(part), std::string::npos) << part;
  // Each command that the program lists has a section, and the section each flag of the command's own help.
  std::istringstream all(run_program({"--help"}).out);
  std::string line;
  while (std::getline(all, line) && line != "Commands:") {
  }
  int flags = 0;
  while (std::getline(all, line)) {
    if (line.size() < 3 || !line.starts_with("  ") || line[2] == ' ') continue;
    const std::string command = line.substr(2, line.find(' ', 2) - 2);
    const size_t begin = page.out.find("\n.SS deepq " + command + " ");
    ASSERT_NE(begin, std::string::npos) << command;
    const std::string section = page.out.substr(begin, page.out.find("\n.SS ", begin + 1) - begin);
    std::istringstream help(run_program({command, "--help"}).out);
    while (std::getline(help, line)) {
      const size_t flag = line.starts_with("  ") ? line.find("--") : std::string::npos;
      if (flag == std::string::npos || flag > 6 || line.find("--help") == flag) continue;
      const std::string name = line.substr(flag, line.find_first_of(" ,", flag) - flag);
      EXPECT_NE(section.find(std::regex_replace(name, std::regex("-"), "\\-")), std::string::npos) << command << name;
      ++flags;
    }
  }
  EXPECT_GT(flags, 50);
  expect_refusal({"help", "--man", "train"}, {"--man"});
  if (!is_there("groff")) return;
  write_text(path("deepq.1"), page.out);
  EXPECT_EQ(output_of("groff -man -ww -Tascii " + path("deepq.1") + " 2>&1 >/dev/null"), "") << "no warnings";
}

}  // namespace
}  // namespace deepq::cli
