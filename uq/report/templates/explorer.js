/* The explorer: sliders, tables and drawings.  All arithmetic is the worker's.  Texts are set as text, never as markup. */
"use strict";
(function () {
  const byId = (id) => document.getElementById(id);
  const { page, model, seed } = JSON.parse(byId("data").textContent);
  const HALF_WIDTH = 1.6448536269514722;
  const SIDES = { open: "open: uncertain", least: "required: at least this", most: "required: at most this", exactly: "measured: exactly this" };
  const numbered = page.controls.filter((one) => one.input !== null);

  // -- elements and numbers --------------------------------------------------------------------------------------------

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
    return value === 0 ? 0 : Math.min(Math.max(0, 3 + place(Math.abs(value))), 6);
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

  // -- state -----------------------------------------------------------------------------------------------------------

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

  // -- sliders -----------------------------------------------------------------------------------------------------------

  const STEPS = 1000, views = new Map();

  function notch(control, shown) {
    const { low, high, logarithmic } = control, value = ownOf(control, shown);
    const share = logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return Math.round(Math.min(Math.max(share, 0), 1) * STEPS);
  }

  function placed(control, at) {
    const { low, high, logarithmic } = control, share = at / STEPS;
    return rounded(control, shownOf(control, logarithmic ? low * (high / low) ** share : low + share * (high - low)));
  }

  function slider(control, k) {
    const id = `control-${k}`, chosen = control.side === "chosen";
    const range = element("input", { type: "range", id, min: 0, max: STEPS, step: 1, "data-name": control.name });
    const typed = element("input", { type: "text", inputmode: "decimal", "aria-label": `${control.label}, value${control.unit ? ` in ${control.unit}` : ""}` });
    const side = element("select", { "aria-label": `${control.label}: what the value means` });
    for (const [value, text] of Object.entries(SIDES)) side.append(element("option", { value }, text));
    const facts = element("div", { class: "note" }), wrong = element("p", { class: "wrong", role: "alert", hidden: true });
    const marks = element("div", { class: "marks" }), words = element("div", { class: "marked-values" });
    control.marks.forEach(([word, value], k) => {
      const tick = element("span", { class: `tick of-${k}` }), text = united(String(rounded(control, shownOf(control, value))), control.unit);
      tick.style.setProperty("--at", notch(control, shownOf(control, value)) / STEPS);
      marks.append(tick);
      words.append(element("span", { class: `of-${k}` }, `${word} ${text}`));
    });
    const ends = [control.low, control.high].map((value) => element("span", {}, number(shownOf(control, value), digits(0, Math.abs(shownOf(control, control.high) - shownOf(control, control.low)) / 10))));
    const box = element("fieldset", {},
      element("legend", {}, element("label", { for: id }, control.label)),
      element("div", { class: "slide" }, range, typed, element("span", { class: "unit" }, control.unit)),
      element("div", { class: "ends", "aria-hidden": "true" }, ...ends), ...(control.marks.length ? [marks, words] : []), wrong);
    if (!chosen) box.append(element("div", { class: "meaning" }, side));
    box.append(facts);
    if (control.source) box.title = control.source;
    const move = (shown) => {
      answered("");
      state.values.set(control.name, shown);
      if (state.sides.get(control.name) === "open") state.sides.set(control.name, control.side);
      changed();
    };
    const answered = (words) => {
      wrong.hidden = !words;
      wrong.textContent = words;
      typed.setAttribute("aria-invalid", String(Boolean(words)));
    };
    range.addEventListener("input", () => move(placed(control, Number(range.value))));
    typed.addEventListener("change", () => {
      const shown = Number(typed.value.trim().replace(",", "."));
      if (typed.value.trim() && allowed(control, shown)) move(shown);
      else {
        const written = typed.value;
        views.get(control.name).now = null;
        show(control, true);
        answered(`“${written}” is not a ${control.logarithmic ? "number above zero" : "number"}; ${typed.value} stays. Write, for instance, ${number(shownOf(control, control.value))}.`);
      }
    });
    side.addEventListener("change", () => {
      state.sides.set(control.name, side.value);
      changed();
    });
    views.set(control.name, { range, typed, side, facts, box, answered });
    return box;
  }

  function show(control, whole = false) {
    const { range, typed, side, facts } = views.get(control.name), shown = state.values.get(control.name);
    const text = String(shown), now = `${text} ${state.sides.get(control.name)}`, view = views.get(control.name);
    if (view.now === now && typed.value === text) return;
    view.now = now;
    if (whole || document.activeElement !== typed) typed.value = text;
    if (placed(control, Number(range.value)) !== shown) range.value = notch(control, shown);
    range.setAttribute("aria-valuetext", united(text, control.unit));
    side.value = state.sides.get(control.name);
    facts.replaceChildren(...control.curves.map((curve) => element("div", {}, `${curve.label}: ${along(curve, own(control))}`)));
  }

  function along(curve, value) {
    const last = curve.at.length - 1;
    if (value < curve.at[0] - 1e-9 * Math.abs(curve.at[0]) || value > curve.at[last] * (1 + 1e-9)) return "not studied so far out";
    let k = 0;
    while (k < last - 1 && curve.at[k + 1] < value) k++;
    const share = (value - curve.at[k]) / (curve.at[k + 1] - curve.at[k]);
    const [v, low, high] = curve.found[k].map((one, i) => one + share * (curve.found[k + 1][i] - one));
    const [text, range] = estimate(v, low, high, 1);
    return `${united(text, curve.unit)}${range ? ` ${range}` : ""}`;
  }

  const presetButtons = new Map();

  function build() {
    for (const preset of page.presets) {
      const button = element("button", { type: "button", "aria-pressed": "false" }, preset.label);
      button.addEventListener("click", () => {
        for (const { answered } of views.values()) answered("");
        choose(preset);
      });
      presetButtons.set(preset, button);
    }
    byId("presets").append(...presetButtons.values());
    byId("presets").hidden = !page.presets.length;
    byId("reset").hidden = page.presets.some(({ settings }) => !Object.keys(settings).length);
    const groups = new Map();
    page.controls.forEach((control, k) => {
      if (!groups.has(control.group)) groups.set(control.group, []);
      groups.get(control.group).push(slider(control, k));
    });
    [...groups].forEach(([name, boxes], k) => {
      const many = k > 0 && boxes.length > 6;
      byId("sliders").append(many
        ? element("details", {}, element("summary", {}, `${name} (${boxes.length})`), ...boxes)
        : element("div", {}, element("h3", {}, name), ...boxes));
    });
    byId("introduction").append(element("details", {}, element("summary", {}, "How to read this page"), ...page.introduction.map((text) => element("p", {}, text))));
    const list = element("dl", {});
    for (const [key, value] of Object.entries(page.provenance)) list.append(element("dt", {}, key), element("dd", {}, value));
    byId("provenance").append(
      element("p", {}, `${model.rows.toLocaleString("en")} draws of a scrambled Sobol' plan, seed ${seed}, stand behind every Monte Carlo number.`),
      list, element("p", { class: "note", id: "speed" }));
    const chooser = element("select", { id: "chooser" });
    page.outputs.forEach((output, k) => chooser.append(element("option", { value: k }, output.label)));
    chooser.addEventListener("change", () => {
      state.output = Number(chooser.value);
      changed();
    });
    byId("output").append(
      element("p", {}, element("label", { for: "chooser" }, "Output "), chooser),
      element("p", { id: "worth", class: "note" }),
      element("div", { class: "pair" }, element("figure", { id: "histogram" }), element("figure", { id: "bars" })));
  }

  // -- answers -----------------------------------------------------------------------------------------------------------

  const answers = { point: null, sample: null };

  function headline() {
    const { point, sample } = answers, items = [], bounds = binding(), fixed = fixedDesign();
    const item = (name, [value, range], unit, rough = "") => items.push(element("li", { class: rough && "marked" },
      element("span", { class: "name" }, name),
      element("span", { class: value === NOT_STUDIED[0] ? "unknown" : "value" }, united(value, value === NOT_STUDIED[0] ? "" : unit)),
      element("span", { class: "range" }, [range, rough].filter(Boolean).join(", ") || "\u00a0")));
    const given = conditions(), [first, ...others] = page.brief;
    const extrapolated = point && given.some((one) => point.outside.beyond.includes(one.input));
    const drawn = (k, answer) => (!sample ? ["-", ""] : sample.contradiction ? [NOT_STUDIED[0], "what is required contradicts itself"]
      : extrapolated ? [NOT_STUDIED[0], "beyond the trained range"] : studied(k, bounds) ? answer() : [NOT_STUDIED[0], `under this ${bounds[0].control.label}`]);
    if (first !== undefined) {
      const output = page.outputs[first], known = triple(output.reference.mean), exact = known && !given.length;
      const [value, range] = drawn(first, () => {
        const { mean, low, high } = sample.outputs[first], one = exact ? known : { value: mean, low, high };
        return estimate(one.value, one.low, one.high, output.size);
      });
      item(`${output.label}, ${page.drawn || "mean of the draws"}`, [value, `${range}${exact && value !== NOT_STUDIED[0] ? " all runs" : ""}`], output.unit, exact ? "" : mark(output));
    }
    page.limits.forEach((limit, k) => {
      if (!limit.headline) return;
      const known = triple(limit.reference), exact = known && !given.length, output = page.outputs[limit.output];
      const [value, range] = drawn(limit.output, () => chance(exact ? known : sample.limits[k]));
      item(`${limit.headline}${page.drawn && `, ${page.drawn}`}`, [value, `${range}${exact && value !== NOT_STUDIED[0] ? " all runs" : ""}`], "", exact ? "" : mark(output));
    });
    if (fixed) {
      const one = page.sets.outputs[0], answer = fixed.of(one);
      if (answer) item(`fixed design: ${one.label}`, [shownSet(one, answer)[0], `${shownSet(one, answer)[1]} ${fixed.words}`], one.probability ? "" : one.unit, fixed.exact ? "" : mark(one));
      else item(`fixed design: ${one.label}`, [NOT_STUDIED[0], fixed.words.replace(/^not studied[^:]*: /, "")]);
    }
    if (point) for (const k of others) {
      const output = page.outputs[k], { beyond, far, apart } = point.outside;
      if (beyond.length || far || apart) item(`${output.label} here`, [NOT_STUDIED[0], "outside of the trained domain"]);
      else item(`${output.label} here`, atPoint(k), output.unit, mark(output));
    }
    byId("headline").replaceChildren(...items);
    const now = presetNow();
    for (const [preset, button] of presetButtons) button.setAttribute("aria-pressed", String(preset === now));
  }

  const shownSet = (one, { value, low, high }) => (one.probability ? chance({ value, low, high }) : estimate(value, low, high, 1));

  /* The set of one's own, after the presets. */
  function fixedTable() {
    const { sets } = page, fixed = fixedDesign();
    if (!sets) return;
    byId("fixed").hidden = false;
    const shown = (one, answer) => (answer ? cell(shownSet(one, answer), one.probability ? "" : one.unit) : element("td", {}, NOT_STUDIED[0]));
    tables.fixed.rows.replaceChildren(...sets.outputs.map((one) => row(one.label, shown(one, fixed.of(one)),
      ...page.presets.map((preset) => shown(one, triple(preset.answers[one.name]))),
      element("td", { class: unreliable(one) ? "poor" : "" }, one.q2 === null ? "not learned" : `Q2 ${q2Of(one)}${unreliable(one) ? ", not to be relied upon" : ""}`))));
    byId("fixed-words").textContent = `This set: ${fixed.words || "computing"}.`;
  }

  const unreliable = (output) => !(output.q2 !== null && output.q2 >= page.unreliable);
  /* Cut, not rounded: 0.897 is not 0.90. */
  const q2Of = (output) => (output.q2 === null ? "unknown" : number(Math.floor(100 * output.q2) / 100, 2));
  const mark = (output) => (unreliable(output) ? `Q2 ${q2Of(output)}: not to be relied upon` : poor(output) && page.outputs.includes(output) ? `rough, Q2 ${q2Of(output)}` : "");
  const poor = (output) => !(output.q2 !== null && output.q2 >= page.min_q2);
  const share = (output, decimals = 1) => (output.q2 === null ? "an unknown share" : `${number(100 * output.q2, decimals)} %`);
  const band = (mean, std) => [mean, mean - HALF_WIDTH * std, mean + HALF_WIDTH * std];

  function domain() {
    const { beyond, far, apart } = answers.point.outside, reasons = [];
    for (const [name, view] of views) {
      const control = page.controls.find((one) => one.name === name);
      view.box.classList.toggle("outside", beyond.includes(control.input));
    }
    if (beyond.length) reasons.push(`${beyond.map((j) => page.inputs[j].label).join(", ")} ${beyond.length > 1 ? "leave the ranges" : "leaves the range"} of the runs`);
    if (far) reasons.push("the values together are rarer than one in two hundred");
    if (apart) reasons.push("the point lies apart from the runs");
    const alert = byId("domain");
    alert.hidden = !reasons.length;
    const text = reasons.length ? `Outside of the trained domain: ${reasons.join("; ")}. The numbers here are extrapolations.` : "";
    if (alert.textContent !== text) alert.textContent = text;
  }

  /* A table of which only the rows change. */
  function frame(words, heads) {
    const rows = element("tbody", {});
    const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
    const table = element("table", {}, element("caption", {}, words), element("thead", {}, head), rows);
    return { rows, box: element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words }, table) };
  }

  const row = (label, ...cells) => element("tr", {}, element("th", { scope: "row" }, label), ...cells);
  const tables = {};

  function frames() {
    const { budget } = page;
    if (budget) {
      const heads = [`item${budget.unit ? `, ${budget.unit}` : ""}`, ...budget.heads];
      tables.budget = frame(budget.title, heads);
      tables.spread = frame("Mean, and 5 % to 95 % of the draws", heads);
      byId("budget").hidden = false;
      byId("budget").append(element("h2", {}, "Mass budgets at this point"), tables.budget.box,
        element("details", {}, element("summary", {}, "The same over the draws"), tables.spread.box),
        ...budget.notes.map((text) => element("p", { class: "note" }, text)));
    }
    if (page.sets) {
      tables.fixed = frame(page.sets.title, ["fixed design", "this set", ...page.presets.map((one) => one.label.toLowerCase()), "surrogate"]);
      byId("fixed").append(element("p", { id: "fixed-words", role: "status" }), tables.fixed.box, ...page.sets.notes.map((text) => element("p", { class: "note" }, text)),
        ...page.presets.map((one) => element("p", { class: "note" }, `${one.label}: ${[one.words, one.detail].filter(Boolean).join("; ")}.`)));
    }
    const reference = page.outputs.some((one) => one.reference.mean);
    tables.outputs = frame("Every output at this point and over the draws", ["output", "at this point", "mean of the draws", "5 %", "median", "95 %",
      ...(reference ? ["mean of the runs, nothing required"] : []), "variance explained"]);
    const rough = page.outputs.filter(poor).map((one) => one.label), notes = [
      "Brackets: 90 % intervals. At this point: the error of the surrogate. Over the draws: sampling and the surrogate's error.",
      ...(rough.length ? [`Only roughly approximated (less than ${number(100 * page.min_q2, 0)} % of the variance explained on runs that the surrogate never saw), so that spread and tails come out too narrow: ${rough.join(", ")}.`] : []),
    ];
    byId("outputs").append(tables.outputs.box, ...notes.map((text) => element("p", { class: "note" }, text)));
  }

  const whole = () => (answers.sample && !answers.sample.contradiction ? answers.sample : null);

  function budget() {
    const { point } = answers, sample = whole(), { budget } = page, bounds = binding();
    if (!budget || !point) return;
    tables.budget.rows.replaceChildren(...budget.rows.map(({ label, cells }) => row(label, ...cells.map((k) => {
      if (k === null) return element("td", {});
      const sum = model.sums[k];
      if (!sum.outputs.every(([o]) => studied(o, bounds))) return element("td", {}, NOT_STUDIED[0]);
      return cell(estimate(...band(point.sums[k].mean, point.sums[k].std), 1));
    }))));
    tables.spread.rows.replaceChildren(...budget.rows.map(({ label, cells }) => row(label, ...cells.map((k) => {
      if (k === null || !sample) return element("td", {});
      if (!model.sums[k].outputs.every(([o]) => studied(o, bounds))) return element("td", {}, NOT_STUDIED[0]);
      const { mean, low, high, std, quantiles } = sample.sums[k];
      if (!(std > 1e-9 * Math.abs(mean))) return cell([number(mean, digits(mean, NaN)), ""]);
      const decimals = digits(mean, 0.5 * (high - low));
      return cell([number(mean, decimals), `${number(quantiles[0], decimals)} to ${number(quantiles[quantiles.length - 1], decimals)}`]);
    }))));
  }

  function outputs() {
    const { point } = answers, sample = whole();
    if (!point) return;
    const reference = page.outputs.some((one) => one.reference.mean), bounds = binding();
    tables.outputs.rows.replaceChildren(...page.outputs.map((output, k) => {
      const capped = bounds.some((one) => one.k === k) || !studied(k, bounds), one = drawnOf(k), known = output.reference.mean;
      const decimals = one ? digits(one.mean / output.size, 0.5 * (one.high - one.low) / output.size) : 0;
      return row(output.unit ? `${output.label}, ${output.unit}` : output.label,
        cell(atPoint(k)),
        one ? cell(estimate(one.mean, one.low, one.high, output.size)) : element("td", {}, capped ? NOT_STUDIED[0] : "-"),
        ...model.levels.map((_, q) => element("td", {}, one ? number(one.quantiles[q] / output.size, decimals) : "-")),
        ...(reference ? [known ? cell(estimate(...known, output.size)) : element("td", {})] : []),
        element("td", { class: poor(output) ? "poor" : "" }, `${share(output)}${unreliable(output) ? ", not to be relied upon" : poor(output) ? ", rough" : ""}`));
    }));
  }

  function compliance() {
    const { sample } = answers, box = byId("compliance");
    if (!sample || !page.limits.length) return;
    box.hidden = false;
    if (sample.contradiction) {
      box.replaceChildren(element("h2", {}, "Compliance"), element("p", { class: "alert" }, "What is required contradicts itself or the laws of the inputs; relax the most demanding requirement."));
      return;
    }
    const asked = limits(), bounds = binding();
    const all = page.limits.every((limit) => !limit.counts || studied(limit.output, bounds));
    const rows = page.limits.map((limit, k) => {
      const output = page.outputs[limit.output], control = page.controls.find((one) => one.name === limit.control);
      const bound = control ? ` ${united(number(asked[k].high / output.size), output.unit)}` : "";
      return element("tr", {}, element("th", { scope: "row" }, limit.label + bound), studied(limit.output, bounds) ? cell(chance(sample.limits[k])) : element("td", {}, NOT_STUDIED[0]));
    });
    if (page.limits.filter((limit) => limit.counts).length > 1) rows.push(element("tr", {}, element("th", { scope: "row" }, "all limits that count"), all ? cell(chance(sample.joint)) : element("td", {}, NOT_STUDIED[0])));
    const means = page.brief.filter((k) => studied(k, bounds) && !bounds.some((one) => one.k === k)).map((k) => {
      const one = sample.outputs[k], output = page.outputs[k], [value, range] = estimate(one.mean, one.low, one.high, output.size);
      return `${output.label} ${united(value, output.unit)} ${range}`;
    });
    const given = sample.prior > 0.9995 ? "Nothing is required or measured." : `What is required holds today with a chance of ${percent(sample.prior)} %.`;
    box.replaceChildren(element("h2", {}, "Compliance of the best designs"),
      element("div", { class: "scroll" }, element("table", {}, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "limit"), element("th", { scope: "col" }, "share of the draws that meet it"))), element("tbody", {}, ...rows))),
      element("p", { class: "note" }, `${given} ${means.length ? `Means of the draws: ${means.join("; ")}. ` : ""}${bounds.length ? `The ${bounds[0].control.label} binds: the best designs were found without it. ` : ""}Effective draws: ${number(sample.size, 0)}. Brackets: 90 %, sampling and the surrogate's error.`));
  }

  // -- drawings ----------------------------------------------------------------------------------------------------------

  /* Letters keep their size: drawings are as wide as there is room, and as `most`. */
  const widths = new Map();
  function room(box, most) {
    if (!widths.has(box.id)) widths.set(box.id, Math.round(Math.min(Math.max(box.clientWidth || most, 280), most)));
    return widths.get(box.id);
  }
  const line = (x1, y1, x2, y2, kind) => drawn("line", { x1, y1, x2, y2, class: kind });
  const text = (x, y, anchor, words, kind = "") => drawn("text", { x, y, "text-anchor": anchor, class: kind }, words);

  function ticks(low, high, count) {
    const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].find((s) => s * power >= raw) * power;
    const found = [];
    for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * step; v += step) found.push(v);
    return found.map((v) => [v, number(v, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))]);
  }

  function histogram() {
    const { point, sample } = answers, output = page.outputs[state.output];
    if (!sample || sample.contradiction || sample.shown !== state.output || !point) return;
    if (!drawnOf(state.output)) {
      byId("histogram").replaceChildren(element("p", {}, `${output.label} of the best designs: not studied under this ${binding()[0]?.control.label ?? "set"}.`));
      return;
    }
    const { low, high, cells } = sample.histogram, width = room(byId("histogram"), 460), height = 240, base = 200, top = Math.max(...cells);
    const at = (value) => 10 + (value - low) / (high - low) * (width - 20), step = (width - 20) / cells.length;
    const parts = [line(10, base, width - 10, base, "axis")];
    cells.forEach((share, k) => {
      const tall = share / top * (base - 26);
      parts.push(drawn("rect", { class: "bar", x: 10 + k * step + 0.5, width: step - 1, y: base - tall, height: tall }));
    });
    for (const [value, words] of ticks(low / output.size, high / output.size, width / 75)) {
      const x = at(value * output.size);
      parts.push(line(x, base, x, base + 5, "axis"), text(x, base + 19, "middle", words, "soft"));
    }
    limits().forEach((limit) => {
      if (limit.output !== state.output) return;
      for (const bound of [limit.low, limit.high]) if (bound !== null && bound > low && bound < high) parts.push(line(at(bound), 24, at(bound), base, "whisker"));
    });
    const here = point.mean[state.output], x = Math.min(Math.max(at(here), 10), width - 10);
    parts.push(line(x, 20, x, base, "here"), text(x, 14, x > width - 60 ? "end" : x < 60 ? "start" : "middle", "this point"));
    parts.push(text(width / 2, height - 2, "middle", united(output.label, output.unit ? `, ${output.unit}` : "").replace(" ,", ",")));
    const one = sample.outputs[state.output], words = `Histogram of ${output.label} over the draws: median ${united(estimate(one.quantiles[1], one.low, one.high, output.size)[0], output.unit)}, this point at ${number(here / output.size)}.`;
    byId("histogram").replaceChildren(drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words }, ...parts),
      element("figcaption", {}, "Share of the draws; black: limits; orange: this point."));
  }

  /* Words in lines of so many letters; a longer word is broken. */
  function wrapped(words, letters) {
    const lines = [""];
    for (const word of words.split(/\s+/).flatMap((one) => one.match(new RegExp(`.{1,${letters}}`, "gu")) ?? [])) {
      const last = lines[lines.length - 1];
      if (last && last.length + 1 + word.length > letters) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines;
  }

  function bars() {
    const { sample } = answers, output = page.outputs[state.output];
    if (!sample || sample.contradiction || sample.shown !== state.output) return;
    if (!drawnOf(state.output)) {
      byId("bars").replaceChildren();
      return;
    }
    const other = (j) => output.shares[j];
    const ranked = sample.shares.map((one, j) => ({ ...one, j })).sort((a, b) => Math.max(b.value, other(b.j)?.[0] ?? 0) - Math.max(a.value, other(a.j)?.[0] ?? 0)).slice(0, 9);
    const width = room(byId("bars"), 560), left = Math.min(264, Math.round(0.48 * width)), letters = Math.floor((left - 8) / 7);
    const lines = ranked.map((one) => wrapped(page.inputs[one.j].label, letters)), tall = lines.map((some) => Math.max(24, 14 * some.length + 8));
    const height = tall.reduce((a, b) => a + b, 0) + 34;
    const most = Math.max(0.05, ...ranked.map((one) => Math.max(one.high, other(one.j)?.[2] ?? 0))), at = (share) => left + share / most * (width - left - 14);
    const parts = [];
    for (const [value, words] of ticks(0, most, 4)) parts.push(line(at(value), 0, at(value), height - 30, "grid"), text(at(value), height - 14, "middle", words, "soft"));
    let top = 0;
    ranked.forEach((one, k) => {
      const y = top + tall[k] / 2;
      top += tall[k];
      lines[k].forEach((words, l) => parts.push(text(left - 8, y + 4 + 14 * (l - (lines[k].length - 1) / 2), "end", words)));
      parts.push(drawn("rect", { class: "bar", x: left, y: y - 8, width: Math.max(at(one.value) - left, 0), height: 16 }),
        line(at(one.low), y, at(one.high), y, "whisker"));
      const known = other(one.j);
      if (known) parts.push(line(at(known[0]), y - 10, at(known[0]), y + 10, "other"));
    });
    const words = `Bars, longest first: ${ranked.slice(0, 5).map((one) => `${page.inputs[one.j].label} ${number(100 * one.value, 0)} %`).join(", ")}.`;
    byId("bars").replaceChildren(drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words }, ...parts),
      element("figcaption", {}, "Share of the variance of the draws that goes when the input is learned, with 90 % interval",
        output.sharesLabel && Object.keys(output.shares).length ? `; orange: ${output.sharesLabel}.` : "."));
  }

  /* Where the point lies on the surface: bilinear between its nodes. */
  function upon(surface) {
    const controls = [surface.first, surface.second].map((name) => page.controls.find((one) => one.name === name));
    const [x, y] = controls.map(own);
    const locate = (at, value) => {
      const last = at.length - 1, slack = 1e-9 * Math.abs(at[last]);
      if (value < at[0] - slack || value > at[last] + slack) return null;
      let k = 0;
      while (k < last - 1 && at[k + 1] <= value) k++;
      return [k, (value - at[k]) / (at[k + 1] - at[k])];
    };
    const [a, b] = [locate(surface.atFirst, x), locate(surface.atSecond, y)];
    if (!a || !b) return { value: null, x, y, why: "not studied so far out" };
    const mix = (grid) => {
      let sum = 0;
      for (const [i, p] of [[a[0], 1 - a[1]], [a[0] + 1, a[1]]]) for (const [j, q] of [[b[0], 1 - b[1]], [b[0] + 1, b[1]]]) {
        if (p * q === 0) continue;
        if (grid[i][j] === null) return null;
        sum += p * q * grid[i][j];
      }
      return sum;
    };
    return { value: mix(surface.value), low: mix(surface.low), high: mix(surface.high), x, y, why: "too few runs here" };
  }

  /* The surface is drawn once for each width; the point upon it moves. */
  const placedAt = {};

  function surface() {
    const { surface } = page;
    if (!surface) return;
    byId("surface").hidden = false;
    const width = room(byId("surface"), 640);
    if (placedAt.width !== width) drawSurface(surface, width);
    const { controls, atX, atY, left, right, top, base, across, up, dot, image, words: sentence } = placedAt;
    const there = upon(surface), [px, py] = [shownOf(controls[0], there.x), shownOf(controls[1], there.y)];
    const [cx, cy] = [Math.min(Math.max(atX(px), left), right), Math.min(Math.max(atY(py), top), base)];
    for (const [line, x1, y1, x2, y2] of [[up, cx, top, cx, base], [across, left, cy, right, cy]]) {
      for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, value);
    }
    dot.setAttribute("cx", cx);
    dot.setAttribute("cy", cy);
    const others = page.controls.filter((one) => !controls.includes(one) && !["open", "chosen"].includes(state.sides.get(one.name)));
    if (others.length) Object.assign(there, { value: null, why: `not studied with ${others.map((one) => one.label).join(", ")} set too` });
    const [value, range] = there.value === null ? ["-", ""] : chance(there);
    const words = `At ${united(number(px), controls[0].unit)}, required, and ${united(number(py), controls[1].unit)}: ${there.value === null ? there.why : `${value} ${range}`}.`;
    sentence.textContent = words;
    image.setAttribute("aria-label", `${surface.title}. ${words}`);
  }

  function drawSurface(surface, width) {
    const controls = [surface.first, surface.second].map((name) => page.controls.find((one) => one.name === name));
    const shown = [surface.atFirst.map((v) => shownOf(controls[0], v)), surface.atSecond.map((v) => shownOf(controls[1], v))];
    const height = 330, left = 52, base = 284, right = width - 10, top = 10;
    const ends = shown.map((values) => [values[0], values[values.length - 1]]);
    const atX = (v) => left + (v - ends[0][0]) / (ends[0][1] - ends[0][0]) * (right - left);
    const atY = (v) => base - (v - ends[1][0]) / (ends[1][1] - ends[1][0]) * (base - top);
    const parts = [], FINE = 6;
    for (let i = 0; i + 1 < shown[0].length; i++) for (let j = 0; j + 1 < shown[1].length; j++) {
      const corner = [[i, j], [i + 1, j], [i, j + 1], [i + 1, j + 1]].map(([a, b]) => surface.value[a][b]);
      if (corner.includes(null)) continue;
      const [dx, dy] = [shown[0][i + 1] - shown[0][i], shown[1][j + 1] - shown[1][j]];
      for (let a = 0; a < FINE; a++) for (let b = 0; b < FINE; b++) {
        const s = (a + 0.5) / FINE, t = (b + 0.5) / FINE;
        const p = (1 - s) * (1 - t) * corner[0] + s * (1 - t) * corner[1] + (1 - s) * t * corner[2] + s * t * corner[3];
        const x = Math.round(atX(shown[0][i] + a / FINE * dx)), y = Math.round(atY(shown[1][j] + (b + 1) / FINE * dy));
        parts.push(drawn("rect", {
          class: "cell", x, y, "fill-opacity": (0.03 + 0.72 * p).toFixed(3),
          width: Math.round(atX(shown[0][i] + (a + 1) / FINE * dx)) - x, height: Math.round(atY(shown[1][j] + b / FINE * dy)) - y,
        }));
      }
    }
    surface.reachable.forEach((column, i) => column.forEach((can, j) => {
      if (can) return;
      const [x, y] = [atX(shown[0][i]), atY(shown[1][j])];
      parts.push(drawn("path", { class: "beyond", d: `M${x - 6} ${y + 6}L${x + 6} ${y - 6}M${x - 6} ${y - 6}L${x + 6} ${y + 6}` }));
    }));
    for (const { label, at } of surface.lines) {
      const points = at.flatMap((value, i) => (value === null ? [] : [[atX(shown[0][i]), atY(shownOf(controls[1], value))]]));
      if (!points.length) continue;
      const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
      const [x, y] = points[points.length - 1];
      if (points.length > 1) parts.push(drawn("path", { class: "curve", d }));
      else parts.push(drawn("circle", { class: "curve", cx: x, cy: y, r: 4 }));
      parts.push(text(Math.min(x, right) - 8, y - 7, "end", label, "label"));
    }
    parts.push(line(left, base, right, base, "axis"), line(left, base, left, top, "axis"));
    for (const [value, words] of ticks(...ends[0], width / 90)) parts.push(line(atX(value), base, atX(value), base + 5, "axis"), text(atX(value), base + 19, "middle", words, "soft"));
    for (const [value, words] of ticks(...ends[1], 6)) parts.push(line(left - 5, atY(value), left, atY(value), "axis"), text(left - 9, atY(value) + 4, "end", words, "soft"));
    parts.push(text((left + right) / 2, height - 6, "middle", `${controls[0].label}, required${controls[0].unit ? `, ${controls[0].unit}` : ""}`),
      drawn("text", { x: 0, y: 0, "text-anchor": "middle", transform: `translate(13 ${(base + top) / 2}) rotate(-90)` }, `${controls[1].label}${controls[1].unit ? `, ${controls[1].unit}` : ""}`));
    const across = line(0, 0, 0, 0, "here"), up = line(0, 0, 0, 0, "here"), dot = drawn("circle", { id: "here", class: "dot", r: 7 });
    const image = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" }, ...parts, across, up, dot), words = element("strong", {});
    Object.assign(placedAt, { width, controls, atX, atY, left, right, top, base, across, up, dot, image, words });
    byId("surface").replaceChildren(element("h2", {}, surface.title), element("p", { id: "there" }, words),
      element("figure", {}, image,
        element("figcaption", {}, "The stronger the colour, the more comply; lines: where a share of them just does; crosses: beyond what physics is expected to reach; orange: this point.")),
      ...surface.notes.map((note) => element("p", { class: "note" }, note)));
  }

  function worth() {
    const output = page.outputs[state.output];
    byId("worth").textContent = `What was learned explains ${share(output, 2)} of the variance (Q2) on runs that it never saw${poor(output) ? ": this output is only roughly approximated, spread and tails come out too narrow" : ""}.`;
    byId("worth").classList.toggle("poor", poor(output));
    byId("chooser").value = String(state.output);
  }

  // -- the worker ----------------------------------------------------------------------------------------------------------

  const source = JSON.parse(byId("arithmetic").textContent);
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(address);
  const asked = { point: 0, sample: 0, at: new Map() }, times = { point: null, sample: null };
  let speaking = 0;

  function changed() {
    const now = performance.now();
    page.controls.forEach(show);
    worth();
    surface();
    answers.point = answers.point && { ...answers.point, set: null };
    headline();
    const x = inputs();
    const set = setAsked();
    worker.postMessage({ kind: "point", id: ++asked.point, x, set: set && set.required ? set : null });
    asked.at.set(asked.point, now);
    worker.postMessage({ kind: "sample", id: ++asked.sample, conditions: conditions(), limits: limits(), shown: state.output });
    asked.at.set(-asked.sample, now);
    asked.x = x;
    document.documentElement.dataset.state = "busy";
    remember();
  }

  worker.onmessage = ({ data }) => {
    if (data.kind === "ready") {
      changed();
      return;
    }
    const sign = data.kind === "point" ? data.id : -data.id, began = asked.at.get(sign);
    asked.at.delete(sign);
    if (data.kind === "point") {
      if (data.id < asked.point) return;
      answers.point = data;
      headline();
      domain();
      fixedTable();
      budget();
      outputs();
      histogram();
      times.point = performance.now() - began;
    } else {
      answers.sample = data;
      if (data.id === asked.sample) for (const key of asked.at.keys()) if (key < 0) asked.at.delete(key);
      headline();
      compliance();
      budget();
      outputs();
      histogram();
      bars();
      times.sample = performance.now() - began;
      if (data.id === asked.sample) complete();
    }
  };
  worker.onerror = (event) => {
    document.documentElement.dataset.state = "failed";
    byId("domain").hidden = false;
    byId("domain").textContent = `The arithmetic of this page failed: ${event.message || "its worker did not start"}.`;
  };

  function complete() {
    document.documentElement.dataset.state = "complete";
    byId("speed").textContent = `Last move: point in ${number(times.point, 0)} ms, Monte Carlo in ${number(times.sample, 0)} ms.`;
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      byId("aloud").textContent = [...byId("headline").children].map((one) => [...one.children].map((part) => part.textContent).join(" ")).join("; ");
    }, 700);
  }

  // -- links and files -------------------------------------------------------------------------------------------------------

  function record() {
    const { point, sample } = answers, there = page.surface && upon(page.surface);
    const named = (k, one) => [page.outputs[k].name, one];
    return {
      title: page.title, state: hash(), draws: model.rows, seed,
      inputs: Object.fromEntries(page.inputs.map((input, j) => [input.name, { value: asked.x[j], unit: input.unit }])),
      chosen: Object.fromEntries(page.controls.filter((one) => one.input === null).map((one) => [one.name, own(one)])),
      conditions: conditions().map((condition) => ({ input: page.inputs[condition.input].name, side: condition.side, value: condition.value })),
      outside: { ...point.outside, beyond: point.outside.beyond.map((j) => page.inputs[j].name) },
      point: Object.fromEntries(page.outputs.map((_, k) => named(k, known(k)))),
      sample: sample.contradiction ? null : {
        prior: sample.prior, size: sample.size, joint: sample.joint,
        limits: page.limits.map((limit, k) => ({ ...limits()[k], output: page.outputs[limit.output].name, label: limit.label, met: sample.limits[k] })),
        outputs: Object.fromEntries(page.outputs.map((_, k) => named(k, drawnOf(k)))),
        shares: { output: page.outputs[state.output].name, of: Object.fromEntries(page.inputs.map((input, j) => [input.name, sample.shares[j]])) },
      },
      preset: presetNow()?.label ?? null,
      fixed: page.sets && Object.fromEntries(page.sets.outputs.map((one) => [one.name, fixedDesign().of(one) || null])),
      fixedWords: page.sets && fixedDesign().words,
      surface: there && { value: there.value, low: there.low ?? null, high: there.high ?? null },
      times, provenance: page.provenance,
    };
  }

  function table() {
    const rows = [["output", "unit", "point", "point low", "point high", "mean", "mean low", "mean high", ...model.levels.map((level) => `quantile ${level}`), "Q2"]];
    page.outputs.forEach((output, k) => {
      const one = drawnOf(k), at = known(k), scaled = (value) => value / output.size;
      rows.push([output.label, output.unit, ...(at ? band(at.mean, at.std).map(scaled) : ["", "", ""]),
        ...(one ? [one.mean, one.low, one.high, ...one.quantiles].map(scaled) : model.levels.map(() => "").concat(["", "", ""])), output.q2]);
    });
    rows.push([], ["input", "unit", "value", "meaning"]);
    for (const control of page.controls) rows.push([control.label, control.unit, state.values.get(control.name), state.sides.get(control.name)]);
    /* A label that a spreadsheet would take for a formula gets an apostrophe. */
    const field = (value) => (typeof value === "number" ? String(value) : `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`);
    return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
  }

  function download(name, kind, content) {
    if (!answers.point || !answers.sample) return;
    const url = URL.createObjectURL(new Blob([content], { type: kind }));
    element("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  byId("reset").addEventListener("click", () => {
    start();
    say("");
    changed();
  });
  byId("link").addEventListener("click", async () => {
    const link = `${location.href.split("#")[0]}#${hash()}`;
    try {
      await navigator.clipboard.writeText(link);
      say("The link to this state is copied.");
    } catch {
      say(`The link to this state: ${link}`);
    }
  });
  byId("json").addEventListener("click", () => download("explorer.json", "application/json", JSON.stringify(record(), null, 2)));
  byId("csv").addEventListener("click", () => download("explorer.csv", "text/csv", table()));
  addEventListener("resize", () => {
    widths.clear();
    surface();
    histogram();
    bars();
  });
  addEventListener("hashchange", () => {
    if (location.hash.slice(1) === hash()) return;
    fromHash();
    changed();
  });

  build();
  frames();
  fromHash();
  page.controls.forEach(show);
  const letters = atob(byId("bytes").textContent), packed = new ArrayBuffer(letters.length), codes = new Uint8Array(packed);
  for (let i = 0; i < letters.length; i++) codes[i] = letters.charCodeAt(i);
  worker.postMessage({ kind: "begin", model, bytes: packed }, [packed]);
})();
