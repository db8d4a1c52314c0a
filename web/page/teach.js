// For teachers: the answer beforehand, and the lesson as a link or as a page of its own.
import {$, box, text} from "./dom.js";
import {addressOf} from "./state.js";

const HIDE = {tabs: "the other parts of the page", stops: "the other stops", lab: "what the lab measured (tell it yourself)", settings: "the settings under Play", carry: "links and files"};

export function openTeach(stop, index, answer, {state, saveLesson}) {
  const told = text("p", "", {className: "fine"}), seeds = box("input", {type: "number", min: 1, max: 20, value: state.seeds}), seed = box("input", {type: "number", min: 0, value: state.seed}), any = box("input", {type: "checkbox", onchange: () => (seed.disabled = any.checked)});
  told.setAttribute("role", "status");
  const fields = Object.entries(HIDE).map(([name, words]) => [name, box("input", {type: "checkbox", checked: ["tabs", "stops"].includes(name)}), words]);
  const lesson = () => ({...state, stop: index + 1, seeds: Math.max(1, Math.min(20, Number(seeds.value) || 1)), seed: any.checked ? "any" : Math.max(0, Math.floor(Number(seed.value)) || 0), hide: [...fields.filter(([, field]) => field.checked).map(([name]) => name), "teacher"]});
  const shown = text("button", "Show the answer", {onclick: () => shown.replaceWith(text("p", `The lab's answer: ${answer}.`, {className: "verdict"}))});
  $("teach").replaceChildren(
    text("summary", "For teachers: make a lesson of this stop"),
    shown,
    box("fieldset", {}, text("legend", "Hide"), ...fields.map(([, field, words]) => box("label", {className: "block"}, field, " " + words))),
    box("div", {className: "row"}, box("label", {}, "Seeds of each setting ", seeds), box("label", {}, "The first seed ", seed)),
    box("label", {className: "block"}, any, " each reader's page draws a first seed of its own, so that a class has more runs than one of them"),
    text("p", "Fewer seeds take less time on phones: a few times what is told before the run here.", {className: "fine"}),
    box("div", {className: "row"},
      text("button", "Save the lesson as a page", {onclick: () => {
        saveLesson(lesson(), `lesson-${index + 1}.html`);
        told.textContent = "Saved: mail that file, or put it where the class gets its files. It opens at this stop, with no network.";
      }}),
      text("button", "Copy a link", {onclick: () => {
        const link = location.href.split("#")[0] + addressOf(lesson());
        navigator.clipboard.writeText(link).then(() => (told.textContent = "Copied. " + (location.protocol === "file:" ? "This page is a file: the link works on this computer alone." : "")), () => (told.textContent = link));
      }})),
    told);
}
