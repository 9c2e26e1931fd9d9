// Search for grains, page by page, and the route of one.
import { get, h, ask, duration, count } from "./dom.js";
import { state, colorAt, color, total } from "./state.js";
import { setPin } from "./ring.js";
import { showTrace } from "./trace.js";

let asked = 0;

export function startFind() {
  get("search").addEventListener("submit", (submit) => {
    submit.preventDefault();
    const text = get("contains").value.trim();
    const [kind] = text.split("/", 1);
    const named = text.includes("/") && state.members.some((it) => it.kinds.includes(kind));
    if (named) showRoute(text);
    else search(get("kind").value, text);
  });
}

export function search(kind, contains) {
  get("kind").value = kind;
  get("contains").value = contains;
  const rows = h("div", { class: "rows" }), more = h("div", { class: "more" });
  get("found").replaceChildren(head(), rows, more);
  load(kind, contains, {}, rows, more, (asked += 1));
}

async function load(kind, contains, after, rows, more, number) {
  more.replaceChildren("looking …");
  const query = new URLSearchParams({ kind, contains, after: JSON.stringify(after) });
  let page;
  try {
    page = await ask(`/api/grains?${query}`);
  } catch (error) {
    more.replaceChildren(String(error.message));
    return;
  }
  if (number !== asked) return;
  rows.append(...page.grains.map(row));
  const shown = h("span", { id: "shown" }, `${count(rows.childElementCount)} shown of ${count(all(kind))} active`);
  const next = Object.keys(page.after).length > 0 && h("button", {
    id: "more", onclick: () => load(kind, contains, page.after, rows, more, number),
  }, "More");
  more.replaceChildren(...[next, shown].filter(Boolean));
}

function all(kind) {
  const present = state.members.filter((it) => !it.gone);
  return present.reduce((sum, it) => sum + (kind ? it.activations?.[kind] ?? 0 : total(it)), 0);
}

const head = () => h("div", { class: "grain head" },
  ...["grain", "host", "age", "idle", "queued", "last message"].map((it) => h("span", {}, it)));

function row(grain) {
  const name = `${grain.kind}/${grain.name}`;
  return h("div", { class: "grain", title: name, onclick: () => showRoute(name) },
    h("span", {}, name),
    h("span", { class: "mono" }, h("i", { class: "dot", "--color": colorAt(grain.address) }), grain.address),
    h("span", {}, duration(grain.age)), h("span", {}, duration(grain.idle)),
    h("span", {}, count(grain.queued)), h("span", { class: "dim" }, grain.last_message));
}

export async function showRoute(identity) {
  const panel = get("route");
  panel.hidden = false;
  panel.replaceChildren(h("h3", {}, identity), "asking every member …");
  panel.scrollIntoView({ block: "nearest" });
  try {
    const route = await ask(`/api/route?${new URLSearchParams({ identity })}`);
    setPin(route.position);
    panel.replaceChildren(title(identity), way(route), facts(route));
  } catch (error) {
    panel.replaceChildren(title(identity), String(error.message));
  }
}

const title = (identity) => h("h3", {}, identity, h("button", {
  class: "quiet", "aria-label": "Close", onclick: () => { get("route").hidden = true; setPin(null); },
}, "✕"));

function way(route) {
  const stops = [stop("a caller", "without a cached PID", "")];
  stops.push(stop(route.owner || "nobody", "owns the name, knows its host", colorAt(route.owner)));
  for (const host of route.hosts) stops.push(stop(host.address, `hosts it, ${host.state}`, color(host.member)));
  if (!route.hosts.length) stops.push(stop("nowhere", "placed at the next call", ""));
  const parts = stops.flatMap((it) => [h("span", { class: "arrow" }, "→"), it]).slice(1);
  return h("div", { class: "way" }, ...parts);
}

const stop = (name, text, tone) => h("div", { class: "stop", "--color": tone || "var(--line)" },
  h("b", { class: "mono" }, name), h("small", {}, text));

function facts(route) {
  const rows = [];
  const add = (name, ...value) => rows.push(h("dt", {}, name), h("dd", {}, ...value));
  const owners = Object.keys(route.owners);
  if (owners.length > 1) add("disagreement", `owners named: ${owners.join(", ")}`);
  for (const host of route.hosts) {
    add("since", `${duration(host.age)} ago`);
    add("messages", `${host.queued} wait; last ${host.last_message}, ${duration(host.idle)} ago`);
    const stayed = route.topology_version !== host.topology_version
      ? `; it stayed when the topology became ${route.topology_version}` : "";
    add("placed", `under topology ${host.topology_version}:${host.topology_hash}${stayed}`);
    add("at the request of", state.members.find((it) => it.id === host.placed_by)?.address ?? (host.placed_by || "a client"));
    const trace = host.started_in?.trace_id;
    add("span", trace ? h("a", { class: "link mono", onclick: () => showTrace(trace, host.pid) },
      `activation.start ${host.started_in.span_id}`) : "nobody recorded its start");
    add("PID", h("span", { class: "mono" }, host.pid));
  }
  const cached = Object.keys(route.cached);
  if (cached.length) add("cached by", h("span", { class: "mono" }, cached.join(", ")));
  for (const [address, problem] of Object.entries(route.silent)) add("silent", `${address}: ${problem}`);
  return h("dl", { class: "facts" }, ...rows);
}
