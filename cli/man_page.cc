// The manual page, in the macros of man(7).
#include <sstream>

#include "cli/program_table.h"
#include "deepq/core/error.h"
#include "deepq/core/version.h"

namespace deepq::cli {
namespace {

// In roff a backslash begins an escape, a point or a quote at the beginning of a line a request, and a bare - may
// become a hyphen, which cannot be pasted into a shell.
std::string roff(const std::string& text) {
  std::string result;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) result += "\\&";
    begins_line = c == '\n';
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '\n')
      result += "\n.br\n";
    else
      result += c;
  }
  return result;
}

void list_option(std::ostream& out, const OptionRow& option) {
  out << ".TP\n";
  if (option.is_argument) {
    out << "\\fI" << roff(option.names.front()) << "\\fR" << (option.is_repeated ? " ..." : "") << "\n";
  } else {
    std::vector<std::string> names;
    for (const std::string& name : option.names) names.push_back("\\fB" + roff(name) + "\\fR");
    out << join(names, ", ");
    if (!option.value.empty()) out << " \\fI" << roff(option.value) << "\\fR" << (option.is_repeated ? " ..." : "");
    out << "\n";
  }
  out << roff(option.help) << "\n";
}

void list_command(std::ostream& out, const CommandRow& command) {
  out << ".SS deepq " << roff(command.name);
  for (const OptionRow& option : command.options)
    if (option.is_argument)
      out << " " << (option.is_required ? option.names.front() : "[" + option.names.front() + "]")
          << (option.is_repeated ? "..." : "");
  out << " [OPTIONS]\n" << roff(command.help) << "\n";
  for (const OptionRow& option : command.options)
    if (option.names.front() != "-h") list_option(out, option);
  if (!command.footer.empty()) out << ".PP\n" << roff(command.footer) << "\n";
}

}  // namespace

std::string man_page(const ProgramTable& program) {
  std::ostringstream out;
  // No date: the same program prints the same page.
  out << ".TH DEEPQ 1 \"\" \"deepq " << version() << "\" \"User Commands\"\n"
      << ".SH NAME\ndeepq \\- deep Q\\-learning: trains, measures and shows agents\n"
      << ".SH SYNOPSIS\n.B deepq\n\\fICOMMAND\\fR [OPTIONS]\n"
      << ".SH DESCRIPTION\nTrains agents by deep Q\\-learning and its variants, goes on with stopped runs bit for bit, "
         "evaluates, shows, compares and exports them. Settings have names with a point (agent.gamma), the same for "
         "\\fB\\-\\-set\\fR and in TOML files.\n"
      << ".SH OPTIONS\n";
  for (const OptionRow& option : program.options) list_option(out, option);
  out << ".PP\nEvery command takes \\fB\\-h\\fR, too.\n.SH COMMANDS\n";
  for (const CommandRow& command : program.commands) list_command(out, command);
  out << ".SH EXIT STATUS\n"
         ".TP\n0\ndone\n.TP\n1\nanything that is not the user's mistake\n.TP\n2\nthe user's input is wrong; one line "
         "on "
         "standard error says what is allowed\n.TP\n129, 130, 143\nstopped by a signal; a valid checkpoint is written\n"
      << ".SH FILES\n.TP\n\\fIruns/NAME/\\fR\nthe folder of a run: config.toml, episodes.csv, metrics.csv, "
         "checkpoints/, "
         "report.html, summary.json\n"
      << ".SH EXAMPLES\n.nf\ndeepq train \\-\\-preset chapter\ndeepq train \\-\\-preset cartpole \\-\\-seeds 20 "
         "\\-\\-out runs/twenty\ndeepq resume runs/chapter\\-seed\\-0\ndeepq compare runs/one runs/another\n.fi\n"
      << ".SH SEE ALSO\n\\fBdeepq presets \\-\\-keys\\fR prints every setting, its default and its meaning.\n";
  return out.str();
}

}  // namespace deepq::cli
