// What is drawn on a canvas is drawn in the page's colours, at the screen's own resolution.

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Empties the canvas; returns its context in CSS pixels.
export function prepared(canvas) {
  const ratio = devicePixelRatio || 1, {clientWidth: width, clientHeight: height} = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return {context, width, height};
}
