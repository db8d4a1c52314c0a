// Two to four settings that the reader chooses, on the same seeds.
import {$, box, duration, text} from "./dom.js";
import {groupOf, groupsView, runGroups} from "./groups.js";
import {addressOf, isOn, START, SWITCHES, withWords} from "./state.js";
import {now} from "./now.js";

let settings = null, running = null, opened = ""; // a setting: {flips: names of switches that are the other way, keys: "agent.gamma=0.9", name}

const wordsOf = ({flips, keys}) => [...flips, keys].filter(Boolean).join(";");

// "without replay, with double, gamma=0.9"
function nameOf({flips, keys}, base) {
  const words = [...flips].map((name) => (isOn(base, name) ? "without " : "with ") + SWITCHES[name].name);
  return [...words, ...keys.split(";").map((one) => one.replace(/^.*?\.|\s/g, "")).filter(Boolean)].join(", ") || "as it is";
}

function ofWords(words, base) {
  const all = words.split(";").map((one) => one.trim()).filter(Boolean), one = {flips: new Set(all.filter((word) => Object.hasOwn(SWITCHES, word))), keys: all.filter((word) => !Object.hasOwn(SWITCHES, word)).join("; ")};
  return {...one, name: nameOf(one, base)};
}

// The address holds them.
function keep() {
  now.state.groups = settings.map(wordsOf);
  history.replaceState(null, "", addressOf(now.state));
}

function list(base) {
  const changed = (setting, field) => {
    setting.name = field.value = nameOf(setting, base);
    keep();
  };
  $("settings-list").replaceChildren(...settings.map((setting, i) => {
    const name = box("input", {value: setting.name, ariaLabel: `Name of setting ${i + 1}`, onchange: () => (setting.name = name.value)});
    const switches = Object.entries(SWITCHES).map(([key, one]) => {
      const field = box("input", {type: "checkbox", checked: isOn(base, key) !== setting.flips.has(key), onchange: () => {
        if (!setting.flips.delete(key)) setting.flips.add(key);
        changed(setting, name);
      }});
      return box("label", {}, field, " " + one.name);
    });
    const keys = box("input", {value: setting.keys, placeholder: "agent.gamma=0.9; …", className: "wide", onchange: () => {
      setting.keys = keys.value.trim();
      changed(setting, name);
    }});
    const top = box("div", {className: "row"}, name);
    if (settings.length > 2) top.append(text("button", "Remove", {ariaLabel: `Remove setting ${i + 1}`, onclick: () => {
      settings.splice(i, 1);
      keep();
      list(base);
    }}));
    return box("fieldset", {className: "setting", style: `border-left-color: var(--c${i})`}, text("legend", `Setting ${i + 1}`), top, box("div", {className: "row"}, ...switches), box("label", {className: "block"}, "Other settings ", keys));
  }));
  $("add-setting").disabled = settings.length >= 4;
}

// All runs are of one length in steps: where the one under Play has none, it is the page's usual one.
export function openCompare(played) {
  const base = {...played, episodes: 0, steps: played.steps || START.steps, fault: "none"}, asked = JSON.stringify({...base, view: "", stop: 0, groups: ""});
  $("compare-base").textContent = `preset ${base.preset}${base.env ? " on " + base.env : ""}, ${base.steps.toLocaleString("en")} steps, seeds from ${base.seed}`;
  if (asked === opened || running) return; // nothing else was chosen meanwhile
  opened = asked;
  settings = (played.groups.length > 1 ? played.groups : ["", "target"]).map((words) => ofWords(words, base));
  list(base);
  const {element, show} = groupsView(["returns"], base.steps);
  $("compare-charts").replaceChildren(element);
  show(settings.map(({name}) => groupOf(name, base)));
  const tell = (words) => ($("compare-state").textContent = words);
  $("add-setting").onclick = () => {
    settings.push(ofWords("", base));
    keep();
    list(base);
  };
  $("run-compare").textContent = "Run";
  $("run-compare").onclick = async () => {
    if (running) return running.stop();
    const seeds = Math.max(2, Math.min(50, Number($("compare-seeds").value) || 5));
    let groups, failed = 0, last = "";
    try {
      groups = settings.map((setting) => groupOf(setting.name, withWords(base, wordsOf(setting))));
    } catch (error) {
      return tell(error.message);
    }
    const all = seeds * groups.length;
    $("run-compare").textContent = "Stop";
    tell(`0 of ${all} runs` + (now.rate ? `, about ${duration(all * base.steps * now.rate)} on one core` : ""));
    running = runGroups(groups, seeds, base.steps, (_, words, error) => {
      if (error) ++failed;
      tell((last = words + (failed ? `, ${failed} of them failed: ${error?.message ?? ""}` : "")));
      show(groups);
    });
    try {
      await running.done;
    } catch (error) {
      tell(`${last}: ${error.message}`);
    }
    running = null;
    $("run-compare").textContent = "Run";
  };
}
