"""A DQN whose whole loop, environment and replay included, is one program compiled by XLA (jax.lax.scan).

CartPole-v1 in jax.numpy and the textbook chapter's settings: 64-64 ReLU network, Adam 1e-3, squared error, gamma .99,
epsilon 1 -> .01 times .995 per training step, 10000 transitions, batch 64, target copied every 100 training steps,
one training step per environment step once a batch is stored, `done` = terminated or truncated.

It differs from pytorch_chapter.py in this:
  1. batches are drawn with replacement (without it, a compiled program must permute the whole memory);
  2. the physics is float32 where Gymnasium's is float64.
Compiling and running are timed apart. To be a strong peer it has the forms that measured fastest: one tensor a layer
rather than one flat vector, and all of a step's random numbers drawn at once from JAX's `rbg` generator.

Sources: Mnih et al. 2015; CartPole after Barto, Sutton and Anderson 1983, with Gymnasium's constants.
"""

import argparse
import json
import math
import time
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

GAMMA, LEARNING_RATE = 0.99, 1e-3
EPSILON_END, EPSILON_DECAY = 0.01, 0.995
CAPACITY, BATCH_SIZE, TARGET_UPDATE_EVERY = 10_000, 64, 100
ADAM_BETA1, ADAM_BETA2, ADAM_EPS = 0.9, 0.999, 1e-8
LAYER_SIZES = (4, 64, 64, 2)

Parameters = list[tuple[jax.Array, jax.Array]]  # weight [inputs, outputs] and bias [outputs] of each layer

GRAVITY, CART_MASS, POLE_MASS, HALF_LENGTH, FORCE, SECONDS_PER_STEP = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
X_LIMIT, THETA_LIMIT, TIME_LIMIT = 2.4, 12 * 2 * math.pi / 360, 500


class Loop(NamedTuple):
    """Everything that one environment step carries to the next."""

    params: Parameters
    target: Parameters
    adam_m: Parameters
    adam_v: Parameters
    updates: jax.Array
    epsilon: jax.Array
    state: jax.Array  # x, x', theta, theta'
    elapsed: jax.Array  # steps of this episode
    memory: jax.Array  # one row a transition: state, next state, action, reward, done
    stored: jax.Array  # transitions ever stored
    key: jax.Array


def initial_parameters(key: jax.Array) -> Parameters:
    """Uniform within 1/sqrt(inputs), as PyTorch's Linear."""
    layers = []
    for inputs, outputs in zip(LAYER_SIZES[:-1], LAYER_SIZES[1:]):
        key, weight_key, bias_key = jax.random.split(key, 3)
        bound = 1.0 / math.sqrt(inputs)
        weight = jax.random.uniform(weight_key, (inputs, outputs), minval=-bound, maxval=bound)
        layers.append((weight, jax.random.uniform(bias_key, (outputs,), minval=-bound, maxval=bound)))
    return layers


def q_values(params: Parameters, state: jax.Array) -> jax.Array:
    *hidden_layers, (last_weight, last_bias) = params
    for weight, bias in hidden_layers:
        state = jax.nn.relu(state @ weight + bias)
    return state @ last_weight + last_bias


def cartpole_step(state: jax.Array, action: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The next state by Euler's method, and whether the pole or the cart has left its bounds."""
    x, x_dot, theta, theta_dot = state
    force = jnp.where(action == 1, FORCE, -FORCE)
    cos, sin = jnp.cos(theta), jnp.sin(theta)
    total_mass = CART_MASS + POLE_MASS
    push = (force + POLE_MASS * HALF_LENGTH * theta_dot**2 * sin) / total_mass
    theta_acc = (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * cos**2 / total_mass))
    x_acc = push - POLE_MASS * HALF_LENGTH * theta_acc * cos / total_mass
    moved = state + SECONDS_PER_STEP * jnp.stack([x_dot, x_acc, theta_dot, theta_acc])
    return moved, (jnp.abs(moved[0]) > X_LIMIT) | (jnp.abs(moved[2]) > THETA_LIMIT)


def reset_state(numbers: jax.Array) -> jax.Array:
    return 0.1 * numbers - 0.05


def loss(params: Parameters, target: Parameters, batch: jax.Array) -> jax.Array:
    state, next_state, action, reward, done = batch[:, :4], batch[:, 4:8], batch[:, 8], batch[:, 9], batch[:, 10]
    goal = reward + GAMMA * (1.0 - done) * q_values(target, next_state).max(axis=1)
    q = q_values(params, state)
    chosen = jnp.where(action == 1, q[:, 1], q[:, 0])
    return jnp.mean((chosen - goal) ** 2)


def train_step(loop: Loop, numbers: jax.Array) -> Loop:
    """One update on the batch that `numbers` (uniform on [0, 1)) choose."""
    index = (numbers * jnp.minimum(loop.stored, CAPACITY)).astype(jnp.int32)
    gradient = jax.grad(loss)(loop.params, loop.target, loop.memory[index])
    updates = loop.updates + 1
    m = jax.tree.map(lambda m, g: ADAM_BETA1 * m + (1 - ADAM_BETA1) * g, loop.adam_m, gradient)
    v = jax.tree.map(lambda v, g: ADAM_BETA2 * v + (1 - ADAM_BETA2) * g * g, loop.adam_v, gradient)
    m_scale, v_scale = 1 / (1 - ADAM_BETA1**updates), 1 / (1 - ADAM_BETA2**updates)

    def adam(param: jax.Array, m: jax.Array, v: jax.Array) -> jax.Array:
        return param - LEARNING_RATE * m * m_scale / (jnp.sqrt(v * v_scale) + ADAM_EPS)

    params = jax.tree.map(adam, loop.params, m, v)
    copy = updates % TARGET_UPDATE_EVERY == 0
    target = jax.tree.map(lambda new, old: jnp.where(copy, new, old), params, loop.target)
    epsilon = jnp.maximum(EPSILON_END, loop.epsilon * EPSILON_DECAY)
    return loop._replace(params=params, target=target, adam_m=m, adam_v=v, updates=updates, epsilon=epsilon)


def env_step(loop: Loop, _: None) -> tuple[Loop, jax.Array]:
    """One step of the environment and one of training; gives the episode's return at its end, else 0."""
    key, draw_key = jax.random.split(loop.key)
    numbers = jax.random.uniform(draw_key, (6 + BATCH_SIZE,))
    random_action = (2 * numbers[1]).astype(jnp.int32)
    action = jnp.where(numbers[0] < loop.epsilon, random_action, jnp.argmax(q_values(loop.params, loop.state)))
    next_state, terminated = cartpole_step(loop.state, action)
    elapsed = loop.elapsed + 1
    done = terminated | (elapsed >= TIME_LIMIT)
    row = jnp.concatenate([loop.state, next_state, jnp.stack([action, 1.0, done]).astype(jnp.float32)])
    loop = loop._replace(
        memory=loop.memory.at[loop.stored % CAPACITY].set(row),
        stored=loop.stored + 1,
        state=jnp.where(done, reset_state(numbers[2:6]), next_state),
        elapsed=jnp.where(done, 0, elapsed),
        key=key,
    )
    loop = jax.lax.cond(loop.stored >= BATCH_SIZE, train_step, lambda same, _: same, loop, numbers[6:])
    return loop, jnp.where(done, elapsed, 0)


def start(seed: int) -> Loop:
    key, params_key, reset_key = jax.random.split(jax.random.key(seed, impl="rbg"), 3)
    params = initial_parameters(params_key)
    zeros, count = jax.tree.map(jnp.zeros_like, params), jnp.int32(0)
    state = reset_state(jax.random.uniform(reset_key, (4,)))
    memory = jnp.zeros((CAPACITY, 11), jnp.float32)
    return Loop(params, params, zeros, zeros, count, jnp.float32(1.0), state, count, memory, count, key)


def main() -> None:
    parser = argparse.ArgumentParser(description="A DQN compiled whole by XLA, timed.")
    parser.add_argument("--env-steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()

    loop = start(args.seed)
    compile_started = time.perf_counter()
    program = jax.jit(lambda first: jax.lax.scan(env_step, first, None, length=args.env_steps)).lower(loop).compile()
    run_started = time.perf_counter()
    loop, returns = jax.block_until_ready(program(loop))
    ended = time.perf_counter()

    episode_returns = np.asarray(returns)
    episode_returns = episode_returns[episode_returns > 0]
    report = {
        "program": "jax_loop",
        "seed": args.seed,
        "env_steps": int(loop.stored),
        "episodes": len(episode_returns),
        "updates": int(loop.updates),
        "seconds": ended - run_started,
        "env_steps_per_second": args.env_steps / (ended - run_started),
        "compile_seconds": run_started - compile_started,
        "last_100_mean_return": float(episode_returns[-100:].mean()) if len(episode_returns) >= 100 else None,
    }
    print(json.dumps(report) if args.json else "\n".join(f"{key}: {value}" for key, value in report.items()))


if __name__ == "__main__":
    main()
