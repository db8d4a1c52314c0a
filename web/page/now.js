// The run that is watched and what is known of it: what every part of the page may ask for.
import {emptyHistory} from "./history.js";

export const now = {
  state: null, // as state.js has it: the settings
  tables: null, // the program's keys, presets and worlds
  hand: null, // the worker that runs it
  world: null, grid: null, // what does not change while it runs
  look: null, // the run as it is now
  game: null, // a game that is played beside the training with what has been learnt; null: the training itself is shown
  games: [], untrained: false, // the points of those that ended; whether the first was played with nothing learnt
  playing: false, // it trains
  watching: false, // games are shown after the training
  refused: false, // the settings are none that can be run; what is on the page is the run before
  rate: 0, // seconds that a step of the world takes here; 0: not known yet
  shown: emptyHistory(),
};
