/** A run: the one that the program `deepq train` makes of the same settings. Errors are `Error` objects with its messages. */
export interface Run {
  /** Whether it is at its end. */
  readonly done: boolean;
  /** Takes so many environment steps more, or fewer where the run ends; returns `done`. */
  step(envSteps: number): boolean;
  /** Until the next episode ends, `most` steps at most; returns `done`. */
  stepEpisode(most: number): boolean;
  /** summary.json of the program: env_steps, episodes, weights_sha256, ... */
  summary(): Record<string, unknown>;
  /** The first copy of the world and what the agent makes of it: observation, q, action, epsilon, ... */
  look(): { observation: number[]; q: (number | null)[]; action: number; env_steps: number; episodes: number; [name: string]: unknown };
  /** What was recorded since the last call: episodes, metrics, evaluations, as the program's CSV files have them. */
  news(): { episodes: Record<string, number>[]; metrics: Record<string, number | null>[]; evaluations: Record<string, unknown>[] };
  /** The world as it does not change: id, action_count, of tables the exact action values q_star. */
  world(): Record<string, unknown>;
  /** The complete configuration, as the program's config.toml. */
  toml(): string;
  /** The bytes of a checkpoint file, which `deepq resume`, `deepq eval` and `load()` take. */
  checkpoint(): Uint8Array;
  /** Action values [rows, actions] of observations [rows, observation size]. */
  values(observations: ArrayLike<number>): Float64Array;
  /** The greedy action for one observation. */
  act(observation: ArrayLike<number>): number;
  /** Frees it. */
  drop(): void;
}

export interface Core {
  start(toml: string): Run;
  load(checkpoint: Uint8Array): Run;
  tables(): { version: string; keys: object[]; presets: object[]; envs: string[]; faults: string[] };
}

/** Compiles the module, once: its bytes, or where they lie (default: deepq.wasm beside this file). */
export function open(source?: BufferSource | URL | string): Promise<Core>;
/** A run of these settings, in a core that is opened where none is. */
export function start(toml: string): Promise<Run>;
export function load(checkpoint: Uint8Array): Promise<Run>;
