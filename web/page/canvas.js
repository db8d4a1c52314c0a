// What is drawn on a canvas is drawn in the page's colours, at the screen's own resolution.

// Kept until measureAnew(): to ask for a size makes the browser lay the page out at once, several times a frame, and a style is not free. On
// a CPU throttled six times that took half of the main thread.
const sizes = new Map(), colours = new Map();
export function measureAnew() {
  sizes.clear();
  colours.clear();
}

export function colour(name) {
  if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return colours.get(name);
}

// Empties the canvas; returns its context in CSS pixels.
export function prepared(canvas) {
  if (!sizes.get(canvas)?.width) sizes.set(canvas, {width: canvas.clientWidth, height: canvas.clientHeight});
  const ratio = devicePixelRatio || 1, {width, height} = sizes.get(canvas);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return {context, width, height};
}
