// The table of aliases.h.
#include "deepq/config/aliases.h"

namespace deepq {
namespace {

constexpr std::string_view kStepsInPython = "did you mean learn(total_timesteps)?";
constexpr std::string_view kFolderInPython = "did you mean learn(folder=...)?";
constexpr std::string_view kCpu = "deepq computes on the CPU";

}  // namespace

const std::vector<Alias>& aliases() {
  static const std::vector<Alias> kTable{
      // The environment.
      {.names = "env env_id env_name environment environment_id environment_name gym_id gym_env game game_name task",
       .keys = "env.id",
       .flag = "--env",
       .python = "the environment is the first argument: deepq.DQN('CartPole-v1')"},
      {.names =
           "n_envs num_envs env_num n_env num_env envs n_parallel_envs parallel_envs num_workers n_workers num_actors "
           "n_actors "
           "training_num num_training_envs num_env_runners num_envs_per_env_runner num_envs_per_worker n_environments",
       .keys = "env.count"},
      {.names = "max_episode_length max_ep_len max_steps_per_episode episode_length max_episode_len max_path_length "
                "time_limit horizon nb_max_episode_steps max_t max_num_frames_per_episode steps_per_episode",
       .keys = "env.max_episode_steps"},
      {.names = "max_steps", .keys = "env.max_episode_steps train.env_steps"},
      {.names = "n_stack stack_size num_stack window_length history_length stack_num framestack",
       .keys = "env.frame_stack"},
      {.names = "prev_action previous_action use_prev_action lstm_use_prev_action", .keys = "env.last_action"},
      {.names = "prev_reward previous_reward use_prev_reward lstm_use_prev_reward", .keys = "env.last_reward"},
      {.names = "frame_skip action_repeat",
       .python = "the Atari games repeat actions 4 times; wrap another environment",
       .program = "the Atari games repeat actions 4 times; another environment is wrapped in Python"},
      {.names = "env_wrapper wrapper wrappers vec_env_wrapper wrapper_class wrapper_kwargs",
       .python = "wrap the environment, and give the wrapped one to DQN",
       .program = "an environment is wrapped in Python: deepq.DQN(wrapped)"},
      {.names = "vec_env vec_env_type vec_env_class vectorization_mode vec_env_kwargs", .keys = "env.count"},
      {.names = "monitor monitor_wrapper monitor_dir",
       .python = "a run's folder has the returns of its episodes: learn(folder=...)",
       .program = "a run's folder has the returns of its episodes, in episodes.csv"},
      {.names = "sticky_actions sticky repeat_action_probability",
       .keys = "minatar.sticky_action_probability atari.protocol"},
      {.names = "noop_max noops episodic_life terminal_on_life_loss", .keys = "atari.protocol"},
      {.names = "full_action_space", .keys = "atari.actions"},
      {.names = "render render_mode no_render human_render",
       .python = "learning draws nothing; `deepq watch DIR` shows the agent of a run's folder",
       .program = "training draws nothing; deepq watch DIR shows the agent"},
      {.names = "capture_video record_video video video_folder video_length record record_episodes",
       .python = "wrap an environment in gymnasium.wrappers.RecordVideo and play in it with predict()",
       .program = "deepq watch DIR shows the agent as it plays; films are made in Python, with RecordVideo"},
      {.names = "normalize vec_normalize", .keys = "network.normalize_observations agent.normalize_rewards"},
      {.names = "normalize_obs normalize_observation norm_obs obs_normalization obs_norm observation_normalization",
       .keys = "network.normalize_observations"},
      {.names = "clip_obs clip_observations obs_clip", .keys = "network.observation_clip"},
      {.names = "clip_rewards reward_clipping", .keys = "agent.reward_clip"},
      {.names = "clip_reward", .keys = "agent.reward_clip agent.normalized_reward_clip"},
      {.names = "reward_normalization normalize_reward norm_reward rew_norm", .keys = "agent.normalize_rewards"},
      {.names = "reward_scaling reward_factor rew_scale", .keys = "agent.reward_scale"},
      {.names = "normalize_images input_scale obs_scale scale_obs", .keys = "network.input_divisor"},
      // The network.
      {.names = "net_arch hidden hiddens hidden_size hidden_dim hidden_dims hidden_units hidden_layers hidden_layer "
                "hidden_layer_sizes "
                "hidden_nodes layer_sizes layers units fc_sizes fc_units fc1_units fc2_units mlp mlp_layers "
                "mlp_hidden_sizes num_hidden "
                "n_hidden num_layers n_layers num_units net_size network_size network_width width depth fcnet_hiddens "
                "policy_kwargs "
                "model_kwargs network_kwargs num_neurons neurons",
       .keys = "network.hidden_sizes"},
      {.names = "policy policy_class policy_type network_type model q_network qnet net network",
       .python = "the network is network_hidden_sizes=[64, 64] and network_conv_channels=, or policy='CnnPolicy'",
       .program = "there is no policy: network.hidden_sizes and network.conv_channels make the network"},
      {.names = "activation activation_fn activation_function nonlinearity fcnet_activation",
       .python = "hidden layers end in a ReLU",
       .program = "hidden layers end in a ReLU"},
      {.names = "features_extractor features_extractor_class features_extractor_kwargs feature_extractor cnn filters "
                "conv_filters "
                "n_filters num_filters channels cnn_channels conv_layers",
       .keys = "network.conv_channels"},
      {.names = "impala impala_cnn resnet residual encoder_type cnn_type", .keys = "network.encoder"},
      {.names = "kernel_size kernel_sizes kernels filter_size filter_sizes", .keys = "network.conv_kernels"},
      {.names = "stride strides", .keys = "network.conv_strides"},
      {.names = "dueling_network dueling_dqn use_dueling enable_dueling_network is_dueling", .keys = "network.dueling"},
      {.names = "noisy_net noisy_nets noisy_network noisy_linear use_noisy noisy_dqn param_noise",
       .keys = "network.noisy"},
      {.names = "sigma sigma0 sigma_init std_init noisy_std noisy_sigma0", .keys = "network.noisy_sigma"},
      {.names = "layer_normalization layernorm use_layer_norm norm_layer batch_norm", .keys = "network.layer_norm"},
      {.names = "device cuda gpu use_gpu use_cuda no_cuda gpu_id gpus num_gpus accelerator",
       .python = "deepq computes on the CPU: leave it out (network_threads= shares a large network's work among cores)",
       .program =
           "deepq computes on the CPU: leave it out (network.threads shares a large network's work among cores)"},
      {.names = "num_threads n_threads torch_threads torch_num_threads n_cpu_tf_sess cpus num_cpus n_cpu",
       .keys = "network.threads"},
      {.names = "torch_deterministic cudnn_deterministic torch_compile compile cudagraphs jit",
       .python = kCpu,
       .program = kCpu},
      // Learning.
      {.names = "algo alg algorithm_name agent_type agent_name method", .keys = "agent.algorithm", .flag = "--preset"},
      {.names = "hyperparams hyperparameters hparams params yaml_file yaml conf conf_file config_file cfg cfg_file",
       .flag = "--config",
       .python = "settings are keywords, or preset=, or set={'agent.gamma': 0.9}",
       .program = "settings are --set KEY=VALUE ..., or --config FILE, or --preset NAME"},
      {.names = "lr learning_rate step_size q_lr base_lr initial_lr lr_start lr_init initial_learning_rate "
                "optimizer_lr "
                "adam_lr start_lr",
       .keys = "optimizer.learning_rate"},
      {.names = "alpha", .keys = "optimizer.learning_rate tabular.learning_rate replay.priority_alpha"},
      {.names =
           "lr_schedule lr_scheduler scheduler lr_decay lr_decay_rate learning_rate_decay learning_rate_scheduler "
           "anneal_lr "
           "lr_anneal decay_lr lr_end end_lr final_lr lr_final min_lr lr_min final_learning_rate min_learning_rate",
       .keys = "optimizer.final_learning_rate_fraction optimizer.learning_rate_schedule"},
      {.names = "discount discount_factor discount_rate", .keys = "agent.gamma"},
      {.names = "bs batch minibatch mini_batch_size train_batch_size sample_batch_size replay_batch_size",
       .keys = "agent.batch_size"},
      {.names = "n_steps nstep n_step_return n_step_returns n_step_horizon n_step_return_horizon multi_step "
                "num_multi_steps update_horizon estimation_step td_steps unroll_steps",
       .keys = "agent.n_step"},
      {.names = "num_steps", .keys = "pqn.rollout_steps train.env_steps agent.n_step"},
      {.names =
           "loss_fn loss_function loss_type criterion td_error_loss_fn td_loss huber huber_loss use_huber huber_delta "
           "delta_clip clip_delta clip_loss_grad",
       .keys = "agent.loss"},
      {.names = "double_q double_dqn use_double use_double_dqn use_double_q enable_double_dqn is_double ddqn use_ddqn",
       .keys = "agent.double"},
      {.names = "optim optimiser optimizer_class optimizer_name", .keys = "optimizer.optimizer"},
      {.names = "optimizer_kwargs", .keys = "optimizer.epsilon optimizer.adam_beta1 optimizer.rmsprop_decay"},
      {.names = "adam_eps adam_epsilon optimizer_eps eps_adam epsilon_adam opt_eps rms_eps rmsprop_epsilon",
       .keys = "optimizer.epsilon"},
      {.names = "beta_1", .keys = "optimizer.adam_beta1"},
      {.names = "beta_2", .keys = "optimizer.adam_beta2"},
      {.names = "betas adam_betas", .keys = "optimizer.adam_beta1 optimizer.adam_beta2"},
      {.names = "momentum gradient_momentum squared_gradient_momentum",
       .keys = "optimizer.rmsprop_decay optimizer.adam_beta1"},
      {.names = "weight_decay l2 l2_reg l2_penalty regularization dropout",
       .python = "deepq has none",
       .program = "deepq has none"},
      {.names =
           "grad_clip clip_grad gradient_clip gradient_clipping clip_gradients clip_gradient grad_norm grad_norm_clip "
           "clip_grad_norm grad_clip_norm gradient_clip_norm max_gradient_norm max_norm max_grad clip_norm "
           "gradient_clip_val",
       .keys = "optimizer.max_grad_norm"},
      {.names = "reward_shaping", .python = "wrap the environment", .program = "wrap the environment, in Python"},
      // The target network.
      {.names =
           "target_update_interval target_update_freq target_update_frequency target_update_period target_update_every "
           "target_update target_update_steps target_network_frequency target_network_update_freq "
           "target_network_update_frequency "
           "target_network_update_interval target_network_update_period target_update_rate update_target_every "
           "update_target_freq update_target_interval update_target target_freq target_frequency target_sync "
           "target_sync_interval "
           "target_sync_freq sync_target sync_target_every sync_interval sync_freq sync_every target_model_update "
           "hard_update_interval hard_update c target.update_interval target.update_freq target.update_frequency "
           "target.update_every target.update target.interval target.freq target.frequency target.period",
       .keys = "target.sync_every_env_steps target.sync_every_updates"},
      {.names = "polyak polyak_coef polyak_tau soft_tau soft_update soft_update_tau target_tau ema target_ema "
                "target_smoothing_coefficient",
       .keys = "target.tau"},
      // Replay.
      {.names =
           "buffer_size buffer buffer_capacity buffer_limit buffer_len replay_size replay_capacity replay_buffer_size "
           "replay_buffer_capacity replay_memory replay_memory_size replay_memory_capacity memory memory_size "
           "memory_capacity "
           "memory_limit mem_size max_memory maxlen max_replay_size max_buffer_size max_size replay_buffer replay.size "
           "replay.length buffer.size memory.size experience_replay_size er_size",
       .keys = "replay.capacity"},
      {.names = "learning_starts learn_start learn_starts learning_start train_start training_start training_starts "
                "start_training "
                "start_learning start_steps warmup warmup_steps nb_steps_warmup burn_in prefill "
                "init_steps "
                "initial_steps random_steps start_timesteps min_replay_history min_replay_size min_buffer_size "
                "min_memory min_size "
                "replay_start_size replay_start initial_exploration observe_steps "
                "num_steps_sampled_before_learning_starts learning_starts_steps",
       .keys = "train.learning_starts_env_steps"},
      {.names = "train_freq train_frequency train_every train_interval training_freq update_freq update_frequency "
                "update_every "
                "update_interval update_period learn_every learn_freq learning_freq step_per_collect steps_per_update "
                "replay_period "
                "collection_step_num_env_steps",
       .keys = "train.update_every_env_steps"},
      {.names = "gradient_steps grad_steps n_gradient_steps num_gradient_steps n_updates num_updates updates_per_step "
                "utd utd_ratio "
                "replay_ratio update_per_step training_intensity update_step_num_gradient_steps_per_sample",
       .keys = "train.updates_per_round"},
      {.names = "per prioritised use_per prioritized_replay prioritised_replay prioritized_experience_replay "
                "prioritized_buffer "
                "use_prioritized",
       .keys = "replay.prioritized"},
      {.names = "prioritized_replay_alpha per_alpha priority_exponent", .keys = "replay.priority_alpha"},
      {.names = "prioritized_replay_eps prioritized_replay_epsilon per_eps per_epsilon priority_eps",
       .keys = "replay.priority_epsilon"},
      {.names = "beta beta0 beta_start per_beta prioritized_replay_beta prioritized_replay_beta0 "
                "importance_sampling_exponent",
       .keys = "replay.importance_beta"},
      {.names = "demos demo_file demo_files demo_path demo_data demonstration_file demonstration_path expert_data "
                "expert_file dataset dataset_path offline_dataset offline_data offline_data_path",
       .keys = "replay.demonstrations",
       .flag = "--demonstrations"},
      {.names = "demo_ratio demo_fraction expert_ratio offline_ratio", .keys = "replay.demonstration_fraction"},
      {.names = "expert_margin demo_margin large_margin", .keys = "agent.margin"},
      {.names = "lambda_2 supervised_loss_weight margin_loss_weight", .keys = "agent.margin_weight"},
      {.names = "conservative_weight cql_weight cql_coef min_q_weight", .keys = "agent.cql_alpha"},
      {.names = "pretrain_steps num_pretrain_updates n_pretrain_steps pretrain_iterations pretraining_steps",
       .keys = "train.pretrain_updates"},
      {.names = "beta_end final_beta beta_final prioritized_replay_final_beta", .keys = "replay.importance_beta_end"},
      {.names = "beta_frames beta_steps beta_anneal_steps beta_annealing_steps prioritized_replay_beta_iters",
       .keys = "replay.importance_beta_anneal_env_steps"},
      {.names = "optimize_memory_usage replay_buffer_class replay_buffer_kwargs replay_buffer_config",
       .python = "deepq has nothing like it (replay_capacity=, replay_prioritized= and agent_n_step= make the replay)",
       .program = "deepq has nothing like it (replay.capacity, replay.prioritized and agent.n_step make the replay)"},
      // Distributions.
      {.names = "n_atoms num_atoms atom_size n_atom atom_count", .keys = "value.atoms"},
      {.names = "vmin", .keys = "value.v_min"},
      {.names = "vmax", .keys = "value.v_max"},
      {.names = "n_quantiles num_quantiles n_quantile", .keys = "value.quantiles"},
      {.names = "num_tau_samples n_tau num_taus", .keys = "value.samples"},
      {.names = "num_tau_prime_samples", .keys = "value.target_samples"},
      {.names = "num_quantile_samples", .keys = "value.action_samples"},
      {.names = "distributional c51 categorical qr_dqn iqn quantile",
       .keys = "value.representation",
       .flag = "--preset"},
      // Exploration.
      {.names = "eps_start epsilon_initial epsilon_init initial_epsilon init_epsilon start_epsilon start_e initial_eps "
                "eps_begin eps_init "
                "max_epsilon epsilon_max eps_max exploration_initial_eps exploration_start",
       .keys = "exploration.epsilon_start"},
      {.names = "eps_end end_epsilon end_e final_epsilon epsilon_final final_eps eps_final min_epsilon epsilon_min "
                "eps_min min_eps "
                "minimum_epsilon exploration_final_eps exploration_min exploration_end epsilon_train eps_train",
       .keys = "exploration.epsilon_end"},
      {.names = "eps exploration_rate", .keys = "exploration.epsilon_start exploration.epsilon_end eval.epsilon"},
      {.names = "epsilon_decay eps_decay decay decay_rate epsilon_decay_rate eps_decay_rate exploration_decay "
                "exploration_decay_rate "
                "epsilon_discount exploration.rate",
       .keys = "exploration.decay_per_update exploration.anneal_env_steps"},
      {.names = "epsilon_decay_steps eps_decay_steps epsilon_decay_period epsilon_decay_frames "
                "epsilon_decay_last_frame epsilon_timesteps "
                "exploration_timesteps exploration_steps exploration_frames anneal_steps annealing_steps decay_steps "
                "epsilon_steps "
                "epsilon_anneal_steps epsilon_annealing_steps eps_anneal_steps final_exploration_frame "
                "final_exploration_step "
                "schedule_timesteps exploration_fraction eps_fraction exploration.fraction",
       .keys = "exploration.anneal_env_steps"},
      {.names = "epsilon_schedule eps_schedule exploration_schedule epsilon_decay_type",
       .keys = "exploration.schedule"},
      {.names =
           "exploration_policy exploration_strategy exploration_config explorer action_noise boltzmann softmax use_sde",
       .keys = "exploration.schedule network.noisy"},
      // How long.
      {.names =
           "total_timesteps total_steps total_env_steps total_frames timesteps n_timesteps num_timesteps max_timesteps "
           "steps nb_steps train_steps training_steps num_train_steps num_training_steps max_env_steps num_env_steps "
           "num_frames "
           "n_frames max_frames frames num_iterations n_iterations max_iterations iterations",
       .keys = "train.env_steps",
       .flag = "--steps",
       .python = kStepsInPython},
      {.names =
           "epoch max_epochs num_epochs max_epoch step_per_epoch steps_per_epoch epoch_num_steps n_steps_per_epoch",
       .keys = "train.env_steps",
       .flag = "--steps",
       .python = kStepsInPython},
      {.names = "num_episodes n_episodes nb_episodes max_episodes total_episodes training_episodes train_episodes "
                "episode_count",
       .keys = "train.episodes",
       .flag = "--episodes",
       .python = "learn(total_timesteps) is told steps; a callback that returns False ends it"},
      {.names = "random_state random_seed rng_seed rng", .keys = "train.seed", .flag = "--seed"},
      {.names = "n_seeds num_seeds n_runs num_runs runs seeds",
       .flag = "--seeds",
       .python = "a model is one seed: seed=N",
       .program = "did you mean the flag --seeds N?"},
      {.names = "n_jobs num_jobs jobs",
       .flag = "--jobs",
       .python = "a model is one run: n_envs=N copies of the environment, or network_threads=N",
       .program = "did you mean the flag --jobs N?"},
      {.names = "optimize n_trials trials sampler pruner sweep tune",
       .python = "deepq has no search; compare runs that differ in one keyword",
       .program = "deepq has no search; train runs that differ in one --set, and compare them: deepq compare DIR DIR"},
      // Other algorithms.
      {.names = "update_epochs n_epochs", .keys = "pqn.epochs"},
      {.names = "num_minibatches n_minibatches", .keys = "pqn.minibatches"},
      {.names = "rollout_length rollout_fragment_length n_rollout_steps unroll_length", .keys = "pqn.rollout_steps"},
      {.names = "q_lambda td_lambda gae_lambda lam", .keys = "pqn.lambda"},
      {.names = "initial_q q_init q_initial optimistic_init", .keys = "tabular.initial_value"},
      // Evaluations.
      {.names = "eval_freq eval_frequency eval_interval eval_every eval_period evaluate_every evaluation_interval "
                "test_interval "
                "eval_steps eval.freq eval.frequency eval.interval eval.every eval.every_steps eval.period",
       .keys = "eval.every_env_steps"},
      {.names = "eval_episodes n_eval_episodes num_eval_episodes n_eval n_test_episodes num_test_episodes "
                "test_episodes test_num "
                "evaluation_episodes evaluation_num_episodes",
       .keys = "eval.episodes eval.final_episodes"},
      {.names = "save_best best_model_save_path keep_best_model load_best_model load_best save_best_model",
       .keys = "eval.keep_best"},
      {.names =
           "reward_threshold solved_reward target_reward target_return stop_reward stop_value solve_score solved_score",
       .keys = "eval.solved_mean_return"},
      {.names = "early_stop early_stopping stop_on_solved", .keys = "eval.stop_when_solved"},
      {.names = "patience max_no_improvement_evals early_stopping_patience", .keys = "eval.stop_without_improvement"},
      {.names = "stop_at_reward stop_at_return stop_return", .keys = "train.stop_at_mean_return"},
      {.names = "eps_test epsilon_test test_epsilon epsilon_eval eval_eps eval_epsilon", .keys = "eval.epsilon"},
      // Files and logs.
      {.names = "tensorboard_log tensorboard tensorboard_dir tensorboard_log_dir tb tb_log tb_log_name use_tensorboard "
                ""
                "log_dir log_folder log_path full_tensorboard_log summary_writer writer",
       .flag = "--out",
       .python = "learn(folder=...) writes TensorBoard's events",
       .program = "every run's folder (--out DIR) has TensorBoard's events: tensorboard --logdir DIR"},
      {.names = "log_interval log_freq log_frequency log_every print_freq print_every print_interval verbose_interval "
                "logging_freq "
                "log.interval log.freq log.every",
       .keys = "log.console_every_episodes"},
      {.names = "stats_window_size stats_window window",
       .python = "means are over 100 episodes",
       .program = "means are over 100 episodes"},
      {.names = "verbose verbosity silent",
       .flag = "--quiet",
       .python = "did you mean verbose=1?",
       .program = "the flag --quiet prints errors alone; log.console_every_episodes says how often there is a line"},
      {.names = "progress progress_bar tqdm",
       .python = "did you mean learn(progress_bar=True)?",
       .program = "a terminal shows progress by itself"},
      {.names =
           "save_freq save_frequency save_interval save_every checkpoint_freq checkpoint_frequency checkpoint_interval "
           "checkpoint_every checkpoint.freq checkpoint.frequency checkpoint.interval checkpoint.every "
           "checkpoint_period",
       .keys = "checkpoint.every_env_steps"},
      {.names = "n_checkpoints num_checkpoints keep_checkpoints max_checkpoints max_to_keep",
       .keys = "checkpoint.keep"},
      {.names = "save_path save_dir save_model model_path model_dir output output_dir output_folder out_dir exp_name "
                "experiment_name "
                "exp_dir run_name run_dir results_dir result_dir work_dir base_dir folder checkpoint_dir name",
       .flag = "--out",
       .python = kFolderInPython,
       .program = "did you mean the flag --out DIR?"},
      {.names = "track wandb use_wandb wandb_project wandb_project_name wandb_entity mlflow project_name",
       .python = "learn(folder=...) writes TensorBoard's events and CSV files, which such services read",
       .program = "a run's folder has TensorBoard's events and CSV files, which such services read"},
      {.names = "load load_model load_path trained_agent pretrained pretrained_model checkpoint_path model_file resume "
                "resume_from "
                "restore",
       .python = "did you mean DQN.load(path)?",
       .program = "did you mean deepq resume DIR?"},
      {.names = "callback callbacks",
       .python = "did you mean learn(callback=...)?",
       .program = "callbacks are Python's: learn(callback=...)"},
  };
  return kTable;
}

}  // namespace deepq
