// What every part of the page writes by.

export const $ = (id) => document.getElementById(id);

export const text = (tag, words, attributes = {}) => Object.assign(document.createElement(tag), {textContent: words}, attributes);
