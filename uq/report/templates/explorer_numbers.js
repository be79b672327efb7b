/* The explorer: what it was given, elements, and numbers in words. */
const byId = (id) => document.getElementById(id);
const { page, model, seed } = JSON.parse(byId("data").textContent);
const HALF_WIDTH = 1.6448536269514722;
const SIDES = { open: "open: uncertain", least: "required: at least this", most: "required: at most this", exactly: "measured: exactly this" };
const numbered = page.controls.filter((one) => one.input !== null);


function element(tag, attributes, ...children) {
  const found = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === null) continue;
    found.setAttribute(name, value === true ? "" : value);
  }
  found.append(...children);
  return found;
}

function drawn(tag, attributes, ...children) {
  const found = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
  found.append(...children);
  return found;
}

/* Decimals at which the first digit of a positive number stands. */
const place = (value) => -Math.floor(Math.log10(value * (1 + 1e-9)));

/* As uq.core.table: to the first digit of the half width (the second where the first is 1 or 2), three digits at most. */
function digits(value, half, largest = Math.abs(value)) {
  if (half > 0 && Number.isFinite(half)) return Math.min(Math.max(0, Math.min(place(half / 3), largest > 0 ? 2 + place(largest) : 6)), 6);
  return value === 0 ? 0 : Math.min(Math.max(0, 2 + place(Math.abs(value))), 6);
}

function number(value, decimals) {
  if (value === null || !Number.isFinite(value)) return "-";
  const text = value.toFixed(decimals ?? digits(value, NaN));
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/* A number and its interval, to the second digit of the half width. */
function estimate(value, low, high, size) {
  const half = 0.5 * (high - low) / size, decimals = digits(value / size, half, Math.max(...[value, low, high].map(Math.abs)) / size);
  const range = half > 0 ? `[${number(low / size, decimals)}, ${number(high / size, decimals)}]` : "";
  return [number(value / size, decimals), range];
}

const percent = (p) => (p >= 0.01 && p <= 0.99 || p === 0 || p === 1 ? number(100 * p, 0) : number(100 * p, 1));
const chance = ({ value, low, high }) => [`${percent(value)} %`, `[${percent(low)}, ${percent(high)}]`];
const united = (text, unit) => (unit && text !== "-" ? `${text} ${unit}` : text);

function cell([value, range], unit) {
  return range ? element("td", {}, united(value, unit), " ", element("span", { class: "range" }, range)) : element("td", {}, united(value, unit));
}
