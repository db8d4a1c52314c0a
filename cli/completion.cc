// Completion of the program's command line for three shells: plain scripts, which do not start the program at each key.
#include <algorithm>
#include <sstream>

#include "cli/program_table.h"
#include "deepq/core/error.h"
#include "deepq/page/text.h"

namespace deepq::cli {
namespace {

using page::shell_word;

std::string quoted_list(const std::vector<std::string>& words) { return shell_word(join(words, " ")); }

// "key=" for each setting: the shells put no blank behind it.
std::vector<std::string> setting_starts(const ProgramTable& program) {
  std::vector<std::string> starts;
  for (const SettingRow& setting : program.settings) starts.push_back(setting.key + "=");
  return starts;
}

std::vector<std::string> names_of(const std::vector<OptionRow>& options) {
  std::vector<std::string> names;
  for (const OptionRow& option : options)
    if (!option.is_argument) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

// A command line begins with a command or one of the program's own flags.
std::vector<std::string> first_words(const ProgramTable& program) {
  std::vector<std::string> words = names_of(program.options);
  for (const CommandRow& command : program.commands) words.push_back(command.name);
  return words;
}

const OptionRow* argument_of(const CommandRow& command) {
  const auto found = std::ranges::find_if(command.options, &OptionRow::is_argument);
  return found == command.options.end() ? nullptr : &*found;
}

// What is offered for a value, as a line of bash.
std::string bash_values(const OptionRow& option) {
  if (option.takes_settings()) return "_deepq_setting";
  if (option.value == "DIR" && !option.is_argument) return "_deepq_paths -d";
  if (option.takes_path()) return "_deepq_paths -f";
  return "_deepq_words " + quoted_list(option.words);
}

// In brackets and quotes of zsh's _arguments a few characters end the text.
std::string zsh_help(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_action(const OptionRow& option) {
  if (option.takes_settings()) return "_deepq_setting";
  if (option.value == "DIR" && !option.is_argument) return "_files -/";
  if (option.takes_path()) return "_files";
  return option.words.empty() ? " " : "(" + join(option.words, " ") + ")";
}

// One line of _arguments for each name of the option: '*--set=[help]:KEY=VALUE:action'.
void zsh_option(std::ostream& out, const OptionRow& option) {
  const std::string value = ":" + zsh_help(option.value) + ":" + zsh_action(option);
  if (option.is_argument) {
    out << "    " << shell_word((option.is_repeated ? "*" : "") + value) << " \\\n";
    return;
  }
  for (const std::string& name : option.names) {
    const std::string sign = option.value.empty() ? "" : name.starts_with("--") ? "=" : "+";
    const std::string line = (option.is_repeated ? "*" : "") + name + sign + "[" + zsh_help(option.help) + "]";
    out << "    " << shell_word(option.value.empty() ? line : line + value) << " \\\n";
  }
}

void fish_option(std::ostream& out, const std::string& condition, const OptionRow& option) {
  out << "complete -c deepq -n " << shell_word(condition);
  for (const std::string& name : option.is_argument ? std::vector<std::string>{} : option.names)
    out << (name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1));
  if (option.takes_settings())
    out << " -x -a '(__deepq_settings)'";
  else if (!option.words.empty())
    out << " -x -a " << quoted_list(option.words);
  else if (option.takes_path())
    out << (option.is_argument ? " -F" : " -r -F");
  else if (!option.value.empty() && !option.is_argument)
    out << " -x";
  out << " -d " << shell_word(option.help) << "\n";
}

}  // namespace

// The word is taken from the whole line and not from COMP_WORDS, where bash has cut it at each = and :. What it has cut
// off is taken from the front of the answers again; `filenames` has readline quote them, and go on into folders.
std::string bash_completion(const ProgramTable& program) {
  std::ostringstream out;
  out << "# bash completion for deepq: source it, or put it into bash-completion's folder of completions as deepq\n"
         // compgen picks the words that begin with what has been typed.
         "_deepq_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n\n"
         "_deepq_paths() {\n"
         "  local cut=${cur%\"${cur##*[=:]}\"}\n"
         "  compopt -o filenames 2>/dev/null\n"
         "  mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
         "  COMPREPLY=(\"${COMPREPLY[@]#\"$cut\"}\")\n"
         "}\n\n"
         "_deepq_setting() {\n"
         // KEY=VALUE: the keys until an = is typed, and no blank behind one; then the words of that key.
         "  local key=${cur%%=*}\n"
         "  if [[ $cur != *=* ]]; then\n"
         "    compopt -o nospace 2>/dev/null\n    _deepq_words "
      << quoted_list(setting_starts(program))
      << "\n    return\n  fi\n"
         "  cur=${cur#*=}\n"
         "  case $key in\n";
  for (const SettingRow& setting : program.settings)
    if (!setting.words.empty())
      out << "    " << setting.key << ") _deepq_words " << quoted_list(setting.words) << " ;;\n";
  out << "  esac\n}\n\n"
         "_deepq() {\n"
         // cur is what stands between the last blank and the cursor, words what is before it.
         "  local line=${COMP_LINE:0:COMP_POINT} cur words option command\n"
         "  cur=${line##*[[:space:]]}\n"
         "  read -ra words <<< \"${line%\"$cur\"}\"\n"
         "  command=${words[1]}\n"
         "  option=${words[${#words[@]}-1]}\n"
         // Both --option=VALUE and --option VALUE: then option is the name and cur the value.
         "  if [[ $cur == --*=* ]]; then option=${cur%%=*} cur=${cur#*=}; fi\n"
         "  COMPREPLY=()\n"
         "  if ((${#words[@]} < 2)); then\n    _deepq_words "
      << quoted_list(first_words(program))
      << "\n    return\n  fi\n"
         // The value of an option; else, below, options after a dash and the command's argument.
         "  case $command:$option in\n";
  for (const CommandRow& command : program.commands)
    for (const OptionRow& option : command.options)
      if (!option.is_argument && !option.value.empty())
        out << "    " << command.name << ":" << option.names.back() << ") " << bash_values(option) << "; return ;;\n";
  out << "  esac\n  case $command in\n";
  for (const CommandRow& command : program.commands) {
    const OptionRow* const argument = argument_of(command);
    out << "    " << command.name << ")\n      if [[ $cur == -* ]]; then _deepq_words "
        << quoted_list(names_of(command.options)) << "\n      else " << (argument ? bash_values(*argument) : ":")
        << "; fi ;;\n";
  }
  out << "  esac\n}\n"
         "complete -F _deepq deepq\n";
  return out.str();
}

std::string zsh_completion(const ProgramTable& program) {
  std::ostringstream out;
  out << "#compdef deepq\n# zsh completion for deepq: put it into a folder of $fpath as _deepq\n\n"
         "_deepq_setting() {\n"
         // compset moves the key and its = from the word to IPREFIX.
         "  if compset -P 1 '*='; then\n    case ${IPREFIX%=} in\n";
  for (const SettingRow& setting : program.settings)
    if (!setting.words.empty())
      out << "      *" << setting.key << ") compadd -- " << join(setting.words, " ") << " ;;\n";
  out << "    esac\n  else\n    compadd -S '' -- " << join(setting_starts(program), " ") << "\n  fi\n}\n\n"
      << "_deepq() {\n  local -a commands=(\n";
  for (const CommandRow& command : program.commands)
    out << "    " << shell_word(command.name + ":" + command.help) << "\n";
  out << "  )\n  if ((CURRENT == 2)); then\n    _describe command commands\n    compadd -- "
      << join(names_of(program.options), " ")
      << "\n    return\n  fi\n"
         "  local command=$words[2]\n  shift words\n  ((CURRENT--))\n  case $command in\n";
  for (const CommandRow& command : program.commands) {
    out << "    " << command.name << ") _arguments \\\n";
    for (const OptionRow& option : command.options) zsh_option(out, option);
    out << "    ;;\n";
  }
  // Autoloaded by the completion system its body is this file, and the first call has to be made here; where the file
  // is sourced, it registers itself.
  out << "  esac\n}\n\nif [ \"$funcstack[1]\" = _deepq ]; then _deepq \"$@\"; else compdef _deepq deepq; fi\n";
  return out.str();
}

std::string fish_completion(const ProgramTable& program) {
  std::ostringstream out;
  out << "# fish completion for deepq: put it into a folder of $fish_complete_path as deepq.fish\n"
         "function __deepq_settings\n  printf '%s\\n'";
  for (const SettingRow& setting : program.settings) {
    if (setting.words.empty()) out << " " << setting.key << "=";
    for (const std::string& word : setting.words) out << " " << setting.key << "=" << word;
  }
  out << "\nend\n\ncomplete -c deepq -f\n";
  for (const OptionRow& option : program.options) fish_option(out, "__fish_use_subcommand", option);
  for (const CommandRow& command : program.commands) {
    out << "complete -c deepq -n __fish_use_subcommand -a " << command.name << " -d " << shell_word(command.help)
        << "\n";
    for (const OptionRow& option : command.options)
      fish_option(out, "__fish_seen_subcommand_from " + command.name, option);
  }
  return out.str();
}

}  // namespace deepq::cli
