#!/usr/bin/env bash
# Makes the run folders of tests/golden/runs/VERSION with the program given, whose version that is: a short run of each algorithm, cut down to
# what a resume reads, and in `weights` what it comes to when it goes on to 600 steps. tests/repro/earlier_runs_test.cc reads them with
# today's program. They are made once for a version, when it is released (tools/release.sh looks whether they are there), and kept; a new kind
# of run is added by its name:
#
#   tools/golden/run_folders.sh DEEPQ [NAME...]
set -euo pipefail
cd "$(dirname "$0")/../.."

deepq=$(realpath "$1") && shift
version=$("$deepq" version | awk '{ print $2 }')
cartpole="--env CartPole-v1" lake="--env FrozenLake-v1"
declare -A runs=(
  [dqn]="$cartpole" [double]="$cartpole --set agent.double=true target.sync_every_updates=20" [dueling]="$cartpole --set network.dueling=true"
  [prioritized]="$cartpole --set replay.prioritized=true" [n_step]="$cartpole --set agent.n_step=3 env.count=2"
  [noisy]="$cartpole --set network.noisy=true network.layer_norm=true"
  [munchausen]="$cartpole --set agent.munchausen=true"
  [categorical]="$cartpole --set value.representation=categorical value.v_min=0 value.v_max=100 value.atoms=7"
  [quantile]="$cartpole --set value.representation=quantile value.quantiles=5 optimizer.optimizer=rmsprop"
  [implicit]="$cartpole --set value.representation=implicit optimizer.optimizer=radam"
  [one_hot]="$lake --set eval.keep_best=true eval.every_env_steps=100 eval.episodes=2"
  [bytes]="--env MinAtar/Breakout-v1 --set network.conv_channels=2 network.conv_kernels=3 network.conv_strides=1"
  [pqn]="$cartpole --set agent.algorithm=pqn env.count=4 pqn.rollout_steps=16 pqn.minibatches=2"
  [q_learning]="$lake --set agent.algorithm=q_learning" [sarsa]="$lake --set agent.algorithm=sarsa"
  [expected_sarsa]="$lake --set agent.algorithm=expected_sarsa"
  [double_q_learning]="$lake --set agent.algorithm=double_q_learning"
  [residual]="--env MinAtar/Freeway-v1 --set network.encoder=residual network.conv_channels=2"
  [strict]="$cartpole --set train.arithmetic=strict network.engine=auto"
)
small="network.engine=plain network.hidden_sizes=8 replay.capacity=64 agent.batch_size=8 train.learning_starts_env_steps=50
  eval.final_episodes=2"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[[ $# -gt 0 ]] || set -- "${!runs[@]}"
for name; do
  made=$scratch/$name kept=tests/golden/runs/$version/$name
  # What the algorithm has no use for is refused by name: left out, a key at a time.
  keys=($small)
  until "$deepq" train ${runs[$name]} --set "${keys[@]}" --steps 300 --out "$made" >"$scratch/out" 2>&1; do
    rm -rf "$made"
    refused=$(grep -oE '(network|replay|agent|value|train|eval)\.[a-z_]+' "$scratch/out" | head -1 || true)
    [[ " ${keys[*]} " == *" $refused="* ]] || { cat "$scratch/out"; exit 1; }
    for i in "${!keys[@]}"; do [[ ${keys[i]} == "$refused="* ]] && unset "keys[i]"; done
  done
  rm -rf "$kept" && mkdir -p "$kept/checkpoints"
  cp "$made"/{config.toml,summary.json,*.csv} "$kept"
  cp "$(ls "$made"/checkpoints/* | tail -1)" "$kept/checkpoints"
  [[ ! -e $made/best.safetensors ]] || cp "$made/best.safetensors" "$kept"
  "$deepq" resume "$made" --steps 600 >/dev/null
  grep -o '"weights_sha256": "[0-9a-f]*"' "$made/summary.json" | grep -oE '[0-9a-f]{64}' >"$kept/weights"
done
