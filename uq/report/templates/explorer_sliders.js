/* The controls. */
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
