// Members, their activations, and the same by kind.
import { get, h, duration, count } from "./dom.js";
import { state, color, total } from "./state.js";
import { highlight } from "./ring.js";

export function drawMembers(search) {
  const present = state.members.filter((it) => !it.gone);
  const most = Math.max(1, ...present.map(total));
  get("members").tBodies[0].replaceChildren(...state.members.map((it) => row(it, most)));
  drawKinds(present, search);
}

function row(member, most) {
  const version = member.version === undefined ? "" : `${member.version}:${member.hash.slice(0, 6)}`;
  return h("tr", {
    class: member.gone ? "is-gone" : "", "data-member": member.id,
    onmouseenter: () => highlight(member.id), onmouseleave: () => highlight(null),
  },
    h("td", {}, h("i", { class: "dot", "--color": color(member.id) }),
      h("span", { class: "address mono" }, member.address), " ",
      h("span", { class: "dim mono", title: member.id }, member.id.slice(0, 8))),
    h("td", {}, status(member)),
    h("td", {}, member.uptime === undefined || member.gone ? "" : duration(member.uptime)),
    h("td", { class: "number" }, member.gone ? "" : `${(member.share * 100).toFixed(1)} %`),
    h("td", { class: "number" }, member.gone ? "" : count(total(member))),
    h("td", { width: "25%" }, h("div", { class: "meter", title: kindsOf(member) },
      h("i", { "width%": (100 * total(member)) / most, "--color": color(member.id) }))),
    h("td", { class: "mono dim", title: member.hash ?? "" }, version));
}

function status(member) {
  if (member.gone) return h("span", { class: "pill gone" }, "gone");
  if (member.problem) {
    return h("span", { class: "pill bad", title: member.problem }, member.problem.slice(0, 24));
  }
  return h("span", { class: `pill ${member.state.split(" ")[0]}` }, member.state);
}

const kindsOf = (member) =>
  Object.entries(member.activations ?? {}).map(([kind, n]) => `${kind}: ${n}`).join("\n");

function drawKinds(present, search) {
  const kinds = new Map();
  for (const member of present) {
    for (const kind of member.kinds) if (!kinds.has(kind)) kinds.set(kind, []);
    for (const [kind, n] of Object.entries(member.activations ?? {})) {
      kinds.set(kind, [...(kinds.get(kind) ?? []), [member, n]]);
    }
  }
  const sum = (parts) => parts.reduce((all, [, n]) => all + n, 0);
  const most = Math.max(1, ...[...kinds.values()].map(sum));
  const sorted = [...kinds].sort(([, a], [, b]) => sum(b) - sum(a));
  get("kinds").replaceChildren(...sorted.map(([kind, parts]) =>
    h("div", { class: "kind", title: "show them", onclick: () => search(kind, "") },
      h("span", {}, kind),
      h("div", { class: "meter" }, parts.map(([member, n]) => h("i", {
        "width%": (100 * n) / most, "--color": color(member.id), title: `${member.address}: ${n}`,
      }))),
      h("b", {}, count(sum(parts))))));
  offer([...kinds.keys()].sort());
}

function offer(kinds) {
  const select = get("kind");
  const known = [...select.options].slice(1).map((it) => it.value);
  if (known.join("\n") === kinds.join("\n")) return;
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...kinds.map((it) => h("option", { value: it }, it)));
  select.value = kinds.includes(chosen) ? chosen : "";
}
