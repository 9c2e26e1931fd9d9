// A lane per member: ticks where its topology changed, bars while it took over.
import { get, h, s, clock, duration } from "./dom.js";
import { state, color } from "./state.js";
import { showTrace } from "./trace.js";

const SPANS = [[60, "1 min"], [300, "5 min"], [1800, "30 min"]];
const LEFT = 170, WIDTH = 1200, LANE = 26, SHOWN = 60;
let seconds = 300, listed = "";

export function startTimeline() {
  get("span").replaceChildren(...SPANS.map(([value, text]) => h("button", {
    class: value === seconds ? "quiet on" : "quiet", onclick: (click) => {
      seconds = value;
      for (const each of get("span").children) each.classList.toggle("on", each === click.target);
      drawTimeline();
    },
  }, text)));
}

export function drawTimeline() {
  const height = state.members.length * LANE + 22;
  const svg = s("svg", { viewBox: `0 0 ${WIDTH} ${height}` });
  drawAxis(svg, height);
  state.members.forEach((member, index) => drawLane(svg, member, index * LANE));
  get("lanes").replaceChildren(svg);
  drawEvents();
}

const across = (at) => LEFT + (WIDTH - LEFT - 10) * (1 - (state.now - at) / seconds);

function drawAxis(svg, height) {
  for (let part = 0; part <= 5; part += 1) {
    const x = across(state.now - (seconds * part) / 5);
    const text = part ? `−${duration((seconds * part) / 5).replace(".0", "").replace(" 0 s", "")}` : "now";
    svg.append(s("line", { x1: x, x2: x, y1: 0, y2: height - 18 }),
      s("text", { x, y: height - 4, "text-anchor": part ? "middle" : "end" }, text));
  }
}

function drawLane(svg, member, top) {
  const lane = s("g", { class: member.gone ? "gone-lane" : "" },
    s("line", { x1: 0, x2: WIDTH, y1: top + LANE, y2: top + LANE }),
    s("rect", { x: 0, y: top + 9, width: 9, height: 9, rx: 3, fill: color(member.id) }),
    s("text", { class: "name", x: 18, y: top + 18 }, member.address));
  for (const event of state.events) {
    if (event.member === member.id && state.now - event.at <= seconds) lane.append(mark(event, top));
  }
  svg.append(lane);
}

function mark(event, top) {
  const x = across(event.at), title = s("title", {}, `${clock(event.at)} ${event.what}: ${words(event)}`);
  if (event.what === "hand-over") {
    const from = Math.max(LEFT, across(event.at - event.duration));
    return s("rect", { class: "handover", x: from, y: top + 8, width: Math.max(4, x - from), height: 11, rx: 3 }, title);
  }
  return s("rect", { class: tone(event), x: x - 1.5, y: top + 4, width: 3, height: 19, rx: 1.5 }, title);
}

function tone(event) {
  if (event.what !== "topology") return "odd";
  return event.left.length ? "leave" : "join";
}

export function words(event) {
  const parts = [];
  if (event.joined.length) parts.push(`${event.joined.join(", ")} joined`);
  if (event.left.length) parts.push(`${event.left.join(", ")} left`);
  parts.push(event.text);
  if (event.what === "hand-over") parts.push(`after ${duration(event.duration)}`);
  return parts.join("; ");
}

function drawEvents() {
  const shown = state.events.slice(0, SHOWN);
  const key = shown.map((it) => it.n).join();
  if (key === listed) return;
  listed = key;
  get("events").replaceChildren(...shown.map((it) => h("li", { class: state.fresh.has(it.n) ? "new" : "" },
    h("span", { class: "dim mono" }, clock(it.at)),
    h("span", { class: "mono" }, h("i", { class: "dot", "--color": color(it.member) }), it.address),
    h("b", {}, it.what),
    h("span", {}, words(it)),
    it.trace
      ? h("a", { class: "link mono", onclick: () => showTrace(it.trace, `${it.what} at ${it.address}`) }, `v${it.version}`)
      : h("span", { class: "dim mono" }, `v${it.version}`))));
}
