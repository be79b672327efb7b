/* Tables and sentences of what the worker has answered. */
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
