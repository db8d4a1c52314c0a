// The program's commands, one file each. A function adds its command to the program; when the command line names it,
// the command runs inside CLI::App::parse and leaves its exit status in `status`. Errors are thrown (see program.cc).
#pragma once

namespace CLI {
class App;
}

namespace deepq::cli {

void add_train_command(CLI::App& program, int& status);
void add_resume_command(CLI::App& program, int& status);
void add_eval_command(CLI::App& program, int& status);
void add_record_command(CLI::App& program, int& status);
void add_watch_command(CLI::App& program, int& status);
void add_plot_command(CLI::App& program, int& status);
void add_compare_command(CLI::App& program, int& status);
void add_export_command(CLI::App& program, int& status);
void add_lab_command(CLI::App& program, int& status);
void add_presets_command(CLI::App& program, int& status);
void add_envs_command(CLI::App& program, int& status);
void add_doctor_command(CLI::App& program, int& status);
void add_bench_command(CLI::App& program, int& status);
void add_playground_command(CLI::App& program, int& status);
void add_completion_command(CLI::App& program, int& status);
void add_help_command(CLI::App& program, int& status);
void add_version_command(CLI::App& program, int& status);

}  // namespace deepq::cli
