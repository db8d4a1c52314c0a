#include "deepq/replay/replay_config.h"

#include <algorithm>
#include <cmath>

namespace deepq {

void visit_fields(ReplayConfig& config, FieldVisitor& visitor) {
  visitor.integer(
      "capacity", config.capacity, Range::between(1, 1e12),
      "transitions kept; the oldest are overwritten; of stacked frames fewer, but at least one batch, where "
      "episodes are a few steps long");
  visitor.flag("with_replacement", config.with_replacement,
               "whether one batch may hold a transition twice; with prioritized it always may");
  visitor.flag("prioritized", config.prioritized, "draw by priority (abs(error) + priority_epsilon)^priority_alpha");
  visitor.number("priority_alpha", config.priority_alpha, Range::between(0, 1),
                 "how much priorities count; 0: all are drawn alike");
  visitor.number("priority_epsilon", config.priority_epsilon, Range::at_least(0),
                 "added to every absolute error, so that none is never drawn again");
  visitor.number("importance_beta", config.importance_beta, Range::between(0, 1),
                 "how far the importance weights take the bias of prioritized draws back, at the start of training; "
                 "1: all of it");
  visitor.number("importance_beta_end", config.importance_beta_end, Range::between(0, 1),
                 "how far the importance weights take the bias of prioritized draws back at the end of training or "
                 "annealing; 1: all of it");
  visitor.integer("importance_beta_anneal_env_steps", config.importance_beta_anneal_env_steps, Range::at_least(0),
                  "environment steps from importance_beta to importance_beta_end, linearly; 0: over the whole run");
  visitor.integer("sequence_length", config.sequence_length, Range::between(1, 1 << 16),
                  "network.recurrent: steps of a sequence that are learnt from; fewer where its episode ends");
  visitor.integer("burn_in", config.burn_in, Range::between(0, 1 << 16),
                  "network.recurrent: steps before those, where the episode has them, that only bring the network's "
                  "state up to date (Kapturowski et al. 2019)");
  visitor.integer("sequence_overlap", config.sequence_overlap, Range::between(0, 1 << 16),
                  "network.recurrent: learnt steps that a sequence shares with the next one");
  visitor.flag("stored_state", config.stored_state,
               "network.recurrent: whether a sequence begins with the state that the network had there when it acted, "
               "or with none");
  visitor.number("priority_mix", config.priority_mix, Range::between(0, 1),
                 "network.recurrent with prioritized: a sequence's error is this much of its steps' largest and the "
                 "rest of their mean");
  visitor.text("demonstrations", config.demonstrations,
               "files of recorded transitions to learn from, too, with commas between them, as `deepq record` writes "
               "them; they are never overwritten");
  visitor.text("demonstrations_sha256", config.demonstrations_sha256,
               "SHA-256 of what those files hold, which a run notes when it begins; other files are refused");
  visitor.number("demonstration_fraction", config.demonstration_fraction, Range::between(0, 1),
                 "fraction of each batch that is drawn from the demonstrations, rounded to whole transitions");
}

double importance_beta_at(const ReplayConfig& config, int64_t env_steps, double fraction) {
  const int64_t span = config.importance_beta_anneal_env_steps;
  const double progress = span > 0 ? static_cast<double>(env_steps) / static_cast<double>(span) : fraction;
  return std::lerp(config.importance_beta, config.importance_beta_end, std::clamp(progress, 0.0, 1.0));
}

}  // namespace deepq
