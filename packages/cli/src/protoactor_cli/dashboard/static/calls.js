// Calls that took long; a click shows their spans.
import { get, h, clock, duration } from "./dom.js";
import { state, colorAt } from "./state.js";
import { showTrace } from "./trace.js";

const SHOWN = 40;
let drawn = "";

export function drawCalls() {
  const shown = state.calls.slice(0, SHOWN), key = shown.map((it) => it.n).join();
  if (key === drawn) return;
  drawn = key;
  get("no-calls").hidden = shown.length > 0;
  get("calls").tBodies[0].replaceChildren(...shown.map(row));
}

function row(call) {
  const name = `${call.kind}/${call.name}.${call.method}`;
  const tries = call.attempts > 1 ? ` ×${call.attempts}` : "";
  return h("tr", { title: `called by ${call.caller}`, onclick: () => call.trace && showTrace(call.trace, name) },
    h("td", { class: "dim mono" }, clock(call.at)),
    h("td", { class: "who" }, h("i", { class: "dot", "--color": colorAt(call.caller) }), name),
    h("td", { class: "number" }, h("b", {}, duration(call.duration)), tries),
    h("td", {}, call.outcome === "ok" ? "" : h("span", { class: "pill bad" }, call.outcome)));
}
