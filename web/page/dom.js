// What every part of the page writes by.

export const $ = (id) => document.getElementById(id);

export const text = (tag, words, attributes = {}) => Object.assign(document.createElement(tag), {textContent: words}, attributes);

// What says the same already is left alone: it would be laid out again.
export const put = (id, words) => $(id).textContent === words || ($(id).textContent = words);

export const box = (tag, attributes, ...children) => {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
};

// A chart that others draw on; what it says is its label. `height`: "", "low" or "tall".
export function chartBox(height, label) {
  const canvas = box("canvas", {className: "chart " + height, ariaLabel: label});
  canvas.setAttribute("role", "img");
  return canvas;
}

// For people who hear the page.
export const said = (words) => ($("said").textContent = words);

export const duration = (seconds) => (seconds < 90 ? Math.max(1, Math.round(seconds)) + " s" : Math.round(seconds / 60) + " minutes");
