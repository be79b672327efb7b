/* What the user has set: values, sides, presets, links. */
const shownOf = (control, value) => (value - control.offset) / control.slope;
const ownOf = (control, shown) => shown * control.slope + control.offset;
const state = { values: new Map(), sides: new Map(), output: 0 };

/* A shown value with the digits that a thousandth of the slider needs. */
function rounded(control, shown) {
  const span = control.logarithmic ? Math.abs(shown) / 2 : Math.abs(shownOf(control, control.high) - shownOf(control, control.low));
  return Number(shown.toFixed(Math.min(Math.max(0, 3 - Math.floor(Math.log10(span))), 12)));
}

function start() {
  for (const control of page.controls) {
    state.values.set(control.name, rounded(control, shownOf(control, control.value)));
    state.sides.set(control.name, control.side === "chosen" ? "chosen" : "open");
  }
  state.output = 0;
}

/* Inputs that stand at their start are the exact median. */
function own(control) {
  const shown = state.values.get(control.name);
  return shown === rounded(control, shownOf(control, control.value)) ? control.value : ownOf(control, shown);
}

function inputs() {
  const x = page.inputs.map((input) => input.median);
  for (const control of numbered) x[control.input] = own(control);
  return x;
}

const conditions = () => numbered.flatMap((control) => {
  const side = state.sides.get(control.name);
  return side === "open" ? [] : [{ input: control.input, side, value: own(control) }];
});

const limits = () => page.limits.map((limit) => {
  const control = page.controls.find((one) => one.name === limit.control);
  return { output: limit.output, counts: limit.counts, low: limit.low, high: control ? own(control) : limit.high };
});

/* The preset that the state is, if it is one: what is open may stand anywhere, it is uncertain all the same. */
function presetNow() {
  return page.presets.find(({ settings }) => page.controls.every((control) => {
    const side = state.sides.get(control.name), [asked, value] = settings[control.name] ?? [control.side === "chosen" ? "chosen" : "open", control.value];
    return side === asked && (side === "open" || state.values.get(control.name) === rounded(control, shownOf(control, value)));
  }));
}

function choose(preset) {
  const { output } = state;
  start();
  state.output = output;
  for (const control of page.controls) {
    const setting = preset.settings[control.name];
    if (!setting) continue;
    state.values.set(control.name, rounded(control, shownOf(control, setting[1])));
    state.sides.set(control.name, setting[0]);
  }
  say("");
  changed();
}

const moved = (control) => state.values.get(control.name) !== rounded(control, shownOf(control, control.value));

/* What a set asks of the surrogate of fixed designs; or why it was not studied. */
function setAsked() {
  const { sets } = page;
  if (!sets) return null;
  const required = [];
  for (const control of numbered) {
    const side = state.sides.get(control.name);
    if (side === "open") continue;
    if (!sets.inputs.includes(control.name)) return { why: `${control.label} is set` };
    if (side !== "least") return { why: `${control.label}: only values that are required at least` };
    required.push([control.input, own(control)]);
  }
  const other = page.controls.find((control) => control.input === null && control.name !== sets.control && moved(control));
  if (other) return { why: `${other.label} is set` };
  const control = page.controls.find((one) => one.name === sets.control);
  return { required, share: control && moved(control) ? own(control) / sets.reference : Infinity };
}

/* What fixed designs do under the set: true runs of a preset, else the surrogate. */
function fixedDesign() {
  const { sets } = page, preset = presetNow();
  if (!sets) return null;
  if (preset && sets.outputs.some((one) => preset.answers[one.name])) {
    return { of: (one) => triple(preset.answers[one.name]), exact: true, words: preset.words };
  }
  const asked = setAsked(), found = answers.point?.set;
  if (asked.why) return { of: () => null, words: `not studied on fixed designs: ${asked.why}` };
  if (!found) return { of: () => null, words: "" };
  if (found.beyond.length) return { of: () => null, words: `not studied: ${found.beyond.map((j) => page.inputs[j].label).join(", ")} beyond the sets that were simulated` };
  if (found.short) return { of: () => null, words: "not studied: a power limit below all that were simulated" };
  return { of: (one) => found.outputs[sets.outputs.indexOf(one)], words: "surrogate" };
}
const triple = (estimate) => estimate && estimate[0] !== null && { value: estimate[0], low: estimate[1], high: estimate[2] };

/* Controls that cap an output, where they do: the best designs were found without. */
function binding() {
  const { point, sample } = answers;
  return page.controls.filter((control) => control.caps && moved(control)).flatMap((control) => {
    const k = page.outputs.findIndex((one) => one.name === control.caps), watched = page.limits.findIndex((one) => one.control === control.name);
    const often = sample && !sample.contradiction && watched >= 0 ? 1 - sample.limits[watched].value : 0;
    return k >= 0 && ((point && point.mean[k] > own(control)) || often > 0.05) ? [{ control, k }] : [];
  });
}
const studied = (k, bounds = binding()) => bounds.every((one) => one.k === k || one.control.leaves.includes(page.outputs[k].name));
const NOT_STUDIED = ["not studied", ""];

/* Mean and standard deviation of an output at the point: the cap where one binds, null where it was not studied. */
function known(k) {
  const { point } = answers, bounds = binding(), cap = bounds.find((one) => one.k === k);
  if (!studied(k, bounds)) return null;
  return cap && point.mean[k] > own(cap.control) ? { mean: own(cap.control), std: 0 } : { mean: point.mean[k], std: point.std[k] };
}

function atPoint(k) {
  const one = known(k);
  if (!one) return NOT_STUDIED;
  const { size } = page.outputs[k];
  return one.std ? estimate(...band(one.mean, one.std), size) : [number(one.mean / size), "at the limit that binds"];
}
/* Draws of the best designs know of no cap. */
const drawnOf = (k) => (whole() && studied(k) && !binding().some((one) => one.k === k) ? whole().outputs[k] : null);

function hash() {
  const parts = new URLSearchParams();
  for (const control of page.controls) {
    const value = state.values.get(control.name), side = state.sides.get(control.name);
    const still = value === rounded(control, shownOf(control, control.value));
    if (still && (side === "open" || side === "chosen")) continue;
    parts.set(control.name, side === "open" || side === "chosen" ? String(value) : `${side}:${value}`);
  }
  if (state.output) parts.set("output", page.outputs[state.output].name);
  return parts.toString();
}

function fromHash() {
  start();
  const refused = [];
  for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
    const control = page.controls.find((one) => one.name === name);
    const output = page.outputs.findIndex((one) => one.name === text);
    const [, side, digitsOf] = /^(?:(least|most|exactly):)?(.+)$/.exec(text) || [];
    const value = Number(digitsOf);
    if (name === "output" && output >= 0) state.output = output;
    else if (control && digitsOf && Number.isFinite(value) && !(side && control.side === "chosen") && allowed(control, value)) {
      state.values.set(name, value);
      if (control.side !== "chosen") state.sides.set(name, side || "open");
    } else refused.push(name);
  }
  say(refused.length ? `The link asks for what this page does not know: ${refused.join(", ")}.` : "");
}

/* Logarithms are taken of some inputs. */
const allowed = (control, shown) => Number.isFinite(shown) && !(control.logarithmic && ownOf(control, shown) <= 0);

let writing = 0;
function remember() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const text = hash();
    try {
      history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    } catch {
      location.replace(`#${text}`);
    }
  }, 250);
}

const say = (text) => { byId("message").textContent = text; };
