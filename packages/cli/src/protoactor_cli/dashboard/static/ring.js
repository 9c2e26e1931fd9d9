// The hash ring: arcs by owner, and a pin where the name that was searched lies.
import { get, s, count } from "./dom.js";
import { state, color, total } from "./state.js";

const CENTER = 100, RADIUS = 78;
let pin = null, hot = null, drawn = null;

export function setPin(position) { pin = position; drawn = null; drawRing(); }

export function highlight(id) {
  hot = id;
  for (const arc of document.querySelectorAll("#ring path")) {
    arc.classList.toggle("dull", hot !== null && arc.dataset.member !== hot);
  }
}

export function drawRing() {
  const present = state.members.filter((it) => !it.gone);
  const sum = present.reduce((all, it) => all + total(it), 0);
  if (drawn === state.ring) {
    get("ring-total").textContent = count(sum);
    return;
  }
  drawn = state.ring;
  const svg = s("svg", { viewBox: "0 0 200 200", role: "img", "aria-label": "hash ring" },
    ...merged(state.ring).map(arc),
    s("text", { x: CENTER, y: 104, class: "big", id: "ring-total" }, count(sum)),
    s("text", { x: CENTER, y: 119, class: "small" }, "activations"));
  if (pin !== null) {
    const [x, y] = point(pin, RADIUS + 14);
    svg.append(s("circle", { class: "pin", cx: x, cy: y, r: 4, id: "pin" }));
  }
  get("ring").replaceChildren(svg);
}

function merged(arcs) {
  const together = [];
  for (const [start, end, owner] of arcs) {
    const last = together.at(-1);
    if (last && last[2] === owner) last[1] = end;
    else together.push([start, end, owner]);
  }
  return together;
}

function arc([start, end, owner]) {
  const whole = end - start > 0.9999;
  const [x1, y1] = point(start, RADIUS);
  const [x2, y2] = point(whole ? start + 0.9999 : end, RADIUS);
  const large = end - start > 0.5 ? 1 : 0;
  const path = s("path", {
    d: `M ${x1} ${y1} A ${RADIUS} ${RADIUS} 0 ${large} 1 ${x2} ${y2}`,
    "stroke-width": 18, "--color": color(owner), "data-member": owner,
    onmouseenter: () => highlight(owner), onmouseleave: () => highlight(null),
  });
  const member = state.members.find((it) => it.id === owner);
  path.append(s("title", {}, `${member?.address ?? owner} owns ${((member?.share ?? 0) * 100).toFixed(1)} %`));
  return path;
}

function point(position, radius) {
  const angle = position * 2 * Math.PI - Math.PI / 2;
  return [(CENTER + radius * Math.cos(angle)).toFixed(3), (CENTER + radius * Math.sin(angle)).toFixed(3)];
}
