// Takes live updates and lets every part of the page draw itself.
import { get, h, count } from "./dom.js";
import { state, take, total } from "./state.js";
import { drawRing } from "./ring.js";
import { drawMembers } from "./members.js";
import { startTimeline, drawTimeline } from "./timeline.js";
import { startFind, search } from "./find.js";
import { drawCalls } from "./calls.js";

function draw() {
  document.title = `${state.cluster} · protoactor`;
  get("cluster").textContent = state.cluster;
  const present = state.members.filter((it) => !it.gone);
  const views = new Set(present.filter((it) => it.hash).map((it) => `${it.version}:${it.hash.slice(0, 6)}`));
  get("facts").replaceChildren(
    fact(count(present.length), present.length === 1 ? "member" : "members", "fact-members"),
    fact(count(present.reduce((sum, it) => sum + total(it), 0)), "activations", "fact-activations"),
    fact(views.size === 1 ? [...views][0] : `${views.size} views`, "topology", "fact-topology"));
  get("findings").replaceChildren(...state.findings.filter((it) => it.level !== "note").map((it) =>
    h("div", { class: `finding ${it.level}` }, h("b", {}, `${it.check}: `), it.text, h("small", {}, it.advice))));
  drawRing();
  drawMembers(search);
  drawTimeline();
  drawCalls();
}

const fact = (value, name, id) => h("div", { class: "fact" }, h("b", { id }, value), h("span", {}, name));

function live(text, tone) {
  get("live").textContent = text;
  get("live").className = `pill ${tone}`;
}

function listen() {
  const stream = new EventSource("/api/stream");
  stream.onmessage = (message) => {
    const first = state.now === 0;
    take(JSON.parse(message.data));
    draw();
    live("live", "good");
    if (first) search("", "");
  };
  stream.onerror = () => live("no connection", "bad");
}

get("theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (document.documentElement.dataset.theme ?? "") === ""
      && matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});
startTimeline();
startFind();
listen();
