// The spans of one trace as a tree beside their times.
import { get, h, ask, duration } from "./dom.js";
import { colorAt } from "./state.js";

export async function showTrace(trace, title) {
  get("trace-title").textContent = title;
  get("spans").replaceChildren("asking every member …");
  if (!get("trace").open) get("trace").showModal();
  try {
    const spans = await ask(`/api/trace/${trace}`);
    get("spans").replaceChildren(...(spans.length ? tree(spans) : [nothing()]),
      h("p", { class: "hint mono" }, `trace ${trace}`));
  } catch (error) {
    get("spans").replaceChildren(String(error.message));
  }
}

const nothing = () => h("p", { class: "hint" },
  "No member remembers its spans: they were forgotten, or nobody sampled them.");

function tree(spans) {
  const whole = Math.max(1e-6, ...spans.map((it) => it.start + it.duration));
  const known = new Set(spans.map((it) => it.span_id));
  const children = Map.groupBy
    ? Map.groupBy(spans, (it) => (known.has(it.parent_id) ? it.parent_id : ""))
    : grouped(spans, known);
  const rows = [];
  const visit = (span, depth) => {
    rows.push(row(span, depth, whole));
    for (const child of children.get(span.span_id) ?? []) visit(child, depth + 1);
  };
  for (const root of children.get("") ?? []) visit(root, 0);
  return rows;
}

function grouped(spans, known) {
  const groups = new Map();
  for (const span of spans) {
    const key = known.has(span.parent_id) ? span.parent_id : "";
    groups.set(key, [...(groups.get(key) ?? []), span]);
  }
  return groups;
}

function row(span, depth, whole) {
  const left = (100 * span.start) / whole, width = (100 * span.duration) / whole;
  const label = h("em", {}, duration(span.duration));
  if (left + width > 80) { label.style.right = `${100 - Math.min(100, left + width)}%`; }
  else { label.style.left = `${left + width}%`; }
  const details = h("div", { class: "attributes", hidden: true },
    ...Object.entries(span.attributes).map(([key, value]) => h("div", {}, `${key} = ${value}`)),
    span.error && h("div", {}, `error: ${span.error}`));
  const name = h("span", { class: "name", title: span.name, "--depth": depth }, span.name);
  return h("div", { class: span.error ? "span failed" : "span", "data-span": span.name,
    onclick: () => { details.hidden = !details.hidden; } },
    name,
    h("div", { class: "track" }, h("i", { "left%": left, "width%": width, "--color": colorAt(span.address) }), label),
    h("span", { class: "where mono dim" }, span.address), details);
}
