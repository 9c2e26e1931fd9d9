// What is known of the cluster, from the first whole snapshot and what followed.
const KEPT = 300;
const COLORS = 10;

export const state = {
  cluster: "", now: 0, members: [], ring: [], events: [], calls: [], findings: [],
  fresh: new Set(),
};
const colors = new Map();

export function take(seen) {
  if (seen.whole) { state.events = []; state.calls = []; }
  for (const key of ["cluster", "now", "members", "findings", "ring"]) {
    if (seen[key] !== undefined) state[key] = seen[key];
  }
  state.members.forEach((it) => color(it.id));
  state.members.sort((a, b) => a.gone - b.gone || a.address.localeCompare(b.address, "en", { numeric: true }));
  state.fresh = new Set(seen.whole ? [] : seen.events.map((it) => it.n));
  state.events = newest(state.events, seen.events);
  state.calls = newest(state.calls, seen.calls);
}

function newest(known, more) {
  if (!more.length) return known;
  return [...more, ...known].sort((a, b) => b.at - a.at).slice(0, KEPT);
}

export function color(id) {
  if (!colors.has(id)) colors.set(id, `var(--c${colors.size % COLORS})`);
  return colors.get(id);
}

export const byAddress = (address) => state.members.find((it) => it.address === address);
export const colorAt = (address) => (byAddress(address) ? color(byAddress(address).id) : "var(--dim)");
export const total = (member) => Object.values(member.activations ?? {}).reduce((a, b) => a + b, 0);
