"use strict";
document.documentElement.classList.add("scripted");

const told = JSON.parse(document.getElementById("told").textContent);
const by = (id) => document.getElementById(id);
const exchanges = new Map();   // id → what is known of the exchange, and its row
const sessions = new Map();    // hash → what is known of the session, and its button
const labels = new Map();      // event id → e1, e2, …
const offences = [];
let chosen = null;             // the session that is looked at
let messages = 0;
let paused = false;
const held = [];

/** An element; texts become text, never markup: what the wire says is only ever shown. */
function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") element.className = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const seconds = (at) => `${at.toFixed(at < 100 ? 3 : 1)} s`;
const label = (event) => {
  if (!labels.has(event)) labels.set(event, `e${labels.size + 1}`);
  return labels.get(event);
};
function pill(event) {
  if (!event) return null;
  const name = label(event);
  const hue = (Number(name.slice(1)) - 1) % 6 + 1;
  return h("span", { class: `pill hue${hue}`, title: event }, name);
}

/* ---- what comes in ---- */

const take = {
  exchange(update) {
    const exchange = { ...update, messages: [], offences: [], answer: null, over: null, row: null };
    exchanges.set(update.id, exchange);
    if (update.session) session(update.session).exchanges += 1;
    exchange.row = row(exchange);
    by("exchanges").append(exchange.row);
    refresh(exchange);
  },
  answer(update) { change(update.id, (exchange) => { exchange.answer = update; }); },
  message(update) {
    messages += 1;
    change(update.id, (exchange) => {
      exchange.messages.push(update);
      if (exchange.list) exchange.list.append(message(update));
    });
  },
  over(update) {
    change(update.id, (exchange) => {
      exchange.over = update;
      exchange.event_id = exchange.event_id || update.event_id;
    });
  },
  offence(update) {
    offences.push(update);
    if (update.session_hash) session(update.session_hash).broken += 1;
    by("broken").append(offence(update, true));
    change(update.id, (exchange) => { exchange.offences.push(update); });
  },
};

function change(id, alter) {
  const exchange = exchanges.get(id);
  if (!exchange) return;
  alter(exchange);
  refresh(exchange);
}

function session(hash) {
  if (!sessions.has(hash)) {
    sessions.set(hash, { hash, exchanges: 0, broken: 0, button: null });
    drawSessions = true;
  }
  return sessions.get(hash);
}

/* ---- one exchange ---- */

function row(exchange) {
  const summary = h("summary");
  const details = h("details", { class: "ex", ontoggle: () => { if (details.open) fill(exchange, details); } }, summary);
  return h("li", { id: `x${exchange.id}` }, details);
}

function refresh(exchange) {
  const details = exchange.row.firstChild;
  const broken = exchange.offences.length > 0;
  details.classList.toggle("broken", broken);
  const [path, query] = exchange.target.split("?");
  details.firstChild.replaceChildren(
    h("span", { class: "at" }, seconds(exchange.at)),
    h("span", { class: "method" }, exchange.method),
    h("span", { class: "route" }, h("b", {}, path), query ? `?${query}` : ""),
    h("span", { class: "info" }, info(exchange)),
    h("span", { class: "signs" }, pill(exchange.event_id),
      broken ? h("span", { class: "bad-n" }, `✗ ${[...new Set(exchange.offences.map((o) => o.clause))].join(", ")}`) : null,
      status(exchange)),
  );
  if (details.open && !exchange.list) fill(exchange, details);
  if (details.open && exchange.over && !exchange.filled) fill(exchange, details);
  show(exchange);
  dirty = true;
}

function info(exchange) {
  const parts = [];
  const count = exchange.messages.length;
  if (count) parts.push(`${count} message${count === 1 ? "" : "s"}`);
  if (exchange.over) parts.push(`${((exchange.over.at - exchange.at) * 1000).toFixed(0)} ms`);
  return parts.join(" · ");
}

function status(exchange) {
  const { answer, over } = exchange;
  const code = answer ? answer.status : null;
  const words = { cut: "cut", left: "left", open: "open" };
  const staged = (answer && answer.staged) || (over && over.staged) ? "staged " : "";
  if (!over) return h("span", { class: "status flow" }, code ? `${staged}${code} …` : "…");
  const kind = over.how === "cut" || code === null || code >= 500 ? "bad" : code >= 400 ? "warn" : "good";
  return h("span", { class: `status ${kind}` }, staged + [code, words[over.how]].filter(Boolean).join(" "));
}

function fill(exchange, details) {
  const open = [...details.querySelectorAll(".msgs details")].map((one) => one.open);
  exchange.filled = Boolean(exchange.over);
  exchange.list = h("ol", { class: "msgs" }, ...exchange.messages.map(message));
  [...exchange.list.querySelectorAll("details")].forEach((one, i) => { one.open = open[i] || false; });
  const inside = h("div", { class: "in" },
    ...exchange.offences.map((one) => offence(one, false)),
    h("div", { class: "copyable" }, h("span", { class: "what" }, "curl"), h("code", {}, exchange.curl), copier(exchange.curl)),
    block("Request", exchange.headers, exchange.body),
    exchange.answer ? block("Answer", exchange.answer.headers, exchange.over ? exchange.over.body : "") : null,
    exchange.messages.length || exchange.stream !== "request" ? h("div", {}, h("h3", {}, "Messages"), exchange.list) : null,
  );
  while (details.children.length > 1) details.lastChild.remove();
  details.append(inside);
}

function block(title, headers, body) {
  return h("div", {}, h("h3", {}, title),
    h("dl", { class: "heads" }, ...headers.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    body ? h("pre", { tabindex: "0" }, body) : null);
}

function message(update) {
  const broken = update.broken.length > 0;
  const body = h("div", { class: "both" });
  const details = h("details", { class: broken ? "msg broken" : "msg", ontoggle: () => {
    if (!details.open || body.children.length) return;
    body.append(h("div", {}, h("h3", {}, "As it came"), h("pre", { tabindex: "0" }, update.payload)));
    if (update.values) body.append(h("div", {}, h("h3", {}, "The values now"), h("pre", { tabindex: "0" }, update.values)));
  } },
    h("summary", {},
      h("span", { class: "time" }, seconds(update.at)),
      pill(update.event_id),
      h("span", { class: "said" }, update.summary),
      update.values ? h("span", { class: "state" }, "values decoded") : null,
      update.state ? h("span", { class: "state" }, `→ ${update.state}`) : null,
      broken ? h("span", { class: "breaks" }, `◄ breaks ${update.broken.join(", ")}`) : null),
    body);
  return h("li", {}, details);
}

function copier(text) {
  return h("button", { type: "button", class: "copy", onclick: async (event) => {
    const button = event.currentTarget;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages from a disk may have no clipboard; the older way needs a selected text.
      const area = h("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "Copied";
    by("said").textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; by("said").textContent = ""; }, 1600);
  } }, "Copy");
}

/* ---- violations ---- */

function offence(update, linked) {
  const bugs = Object.entries(update.bugs);
  return h("article", { class: `offence ${update.level.toLowerCase()}`, "data-session": update.session_hash },
    h("header", {},
      h("span", { class: "side" }, `✗ ${update.side}`),
      h("span", { class: "id" }, update.clause),
      h("span", { class: "level" }, update.level),
      h("span", { class: "soft" }, `at ${seconds(update.at)}`),
      linked && update.id ? h("a", { href: `#x${update.id}`, onclick: () => reveal(update.id) }, `exchange ${update.id}`) : null,
      pill(update.event_id)),
    h("blockquote", {}, update.text),
    h("dl", { class: "versus" },
      h("div", { class: "expected" }, h("dt", {}, "Expected"), h("dd", {}, update.expected)),
      h("div", { class: "actual" }, h("dt", {}, "Got"), h("dd", {}, update.actual))),
    ...bugs.map(([name, text]) => h("p", { class: "bug" }, h("span", { class: "tag" }, name), ` ${text}`)));
}

function reveal(id) {
  const exchange = exchanges.get(id);
  if (!exchange) return;
  const form = by("filter");
  form.elements.q.value = "";
  form.elements.broken.checked = false;
  form.elements.protocol.checked = false;
  choose(null);
  select("list");
  exchange.row.firstChild.open = true;
  exchange.row.scrollIntoView({ block: "center" });
}

/* ---- what is shown ---- */

let dirty = true;
let drawSessions = true;
let words = [];

function show(exchange) {
  const form = by("filter").elements;
  const inSession = !chosen || exchange.session === chosen || (exchange.over && exchange.over.session === chosen);
  const wanted = (!form.broken.checked || exchange.offences.length > 0)
    && (!form.protocol.checked || exchange.operation || exchange.offences.length > 0)
    && inSession
    && (!words.length || words.every((word) => text(exchange).includes(word)));
  exchange.row.hidden = !wanted;
}

function text(exchange) {
  const parts = [exchange.method, exchange.target, exchange.session, exchange.event_id, exchange.body,
    exchange.answer && exchange.answer.status, exchange.over && exchange.over.how, exchange.over && exchange.over.body,
    ...exchange.messages.map((one) => `${one.summary} ${one.event_id} ${one.payload}`),
    ...exchange.offences.map((one) => `${one.clause} ${one.side}`)];
  return parts.filter(Boolean).join(" ").toLowerCase();
}

function filter() {
  words = by("filter").elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const exchange of exchanges.values()) show(exchange);
  for (const card of by("broken").children) card.hidden = Boolean(chosen) && card.dataset.session !== chosen;
  dirty = true;
}

function choose(hash) {
  chosen = hash;
  drawSessions = true;
  filter();
  if (!by("sequence").hidden) diagram();
}

function draw() {
  requestAnimationFrame(draw);
  if (!dirty && !drawSessions) return;
  dirty = false;
  const all = [...exchanges.values()];
  const shown = all.filter((one) => !one.row.hidden).length;
  const of = (side) => offences.filter((one) => one.side === side).length;
  by("n-exchanges").textContent = all.length;
  by("n-messages").textContent = messages;
  by("n-offences").textContent = offences.length;
  for (const side of ["server", "client"]) {
    by(`n-${side}`).textContent = of(side);
    by(`c-${side}`).classList.toggle("some", of(side) > 0);
  }
  document.querySelector(".top").classList.toggle("has-offences", offences.length > 0);
  by("filter").elements.shown.textContent = `${shown} of ${all.length}`;
  by("empty").textContent = shown ? "" : all.length ? "Nothing that the filter lets through."
    : told.live ? `Nothing yet. Point your client at ${told.address}` : "Nothing was recorded.";
  if (!by("broken").children.length) by("broken").replaceChildren(h("p", { class: "empty soft none" }, "Nothing breaks a clause so far."));
  else if (offences.length) by("broken").querySelector(".none")?.remove();
  listSessions(all);
}

function listSessions(all) {
  drawSessions = false;
  const open = new Set(all.filter((one) => one.session && one.stream !== "request" && !one.over).map((one) => one.session));
  const rows = [...sessions.values()].map((one) => entry(one.hash, one.hash, one, open.has(one.hash)));
  const focused = document.activeElement && document.activeElement.dataset && document.activeElement.dataset.session;
  by("sessions").replaceChildren(entry(null, "Everything", { exchanges: all.length, broken: offences.length }, false), ...rows);
  if (focused !== undefined) by("sessions").querySelector(`[data-session="${CSS.escape(focused)}"]`)?.focus();
}

function entry(hash, name, one, open) {
  const what = `${one.exchanges} exchange${one.exchanges === 1 ? "" : "s"}${hash ? (open ? ", stream open" : ", no open stream") : ""}`;
  return h("li", {}, h("button", { type: "button", "aria-pressed": String(chosen === hash), "data-session": hash || "", title: name, onclick: () => choose(hash) },
    h("span", { class: open ? "lamp open" : "lamp", "aria-hidden": "true" }),
    h("span", { class: "name" }, name),
    one.broken ? h("span", { class: "bad-n" }, `✗ ${one.broken}`) : h("span"),
    h("span", { class: "what" }, what)));
}

async function diagram() {
  const found = told.live
    ? await (await fetch(`diagram.json?session=${encodeURIComponent(chosen || "")}`)).json()
    : told.diagrams[chosen || ""] || { svg: "", events: {} };
  if (found.svg) {
    const parsed = new DOMParser().parseFromString(found.svg, "image/svg+xml");
    by("diagram").replaceChildren(document.importNode(parsed.documentElement, true));
  } else {
    by("diagram").replaceChildren();
  }
  by("legend").replaceChildren(...Object.entries(found.events).map(([name, event]) => h("span", {}, h("b", {}, name), ` ${event}`)));
}

/* ---- tabs ---- */

const tabs = [...document.querySelectorAll('[role="tab"]')];
function select(name) {
  for (const tab of tabs) {
    const is = tab.getAttribute("aria-controls") === name;
    tab.setAttribute("aria-selected", String(is));
    tab.tabIndex = is ? 0 : -1;
    by(tab.getAttribute("aria-controls")).hidden = !is;
  }
  if (name === "sequence") diagram();
}
for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => select(tab.getAttribute("aria-controls")));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(place + step + tabs.length) % tabs.length];
    select(next.getAttribute("aria-controls"));
    next.focus();
  });
}

/* ---- begin ---- */

by("filter").addEventListener("input", filter);
by("filter").addEventListener("submit", (event) => event.preventDefault());

function state(word, kind) {
  by("live").textContent = word;
  by("live").className = `live ${kind}`;
}

if (told.live) {
  const source = new EventSource("events");
  source.onopen = () => state("live", "on");
  source.onerror = () => state("not connected", "off");
  source.addEventListener("reset", () => {
    // The proxy has begun anew, or the page has been away for too long: all is told again.
    exchanges.clear();
    sessions.clear();
    labels.clear();
    offences.length = messages = 0;
    by("exchanges").replaceChildren();
    by("broken").replaceChildren();
    dirty = drawSessions = true;
  });
  source.onmessage = (event) => {
    const update = JSON.parse(event.data);
    if (paused) held.push(update);
    else take[update.kind](update);
  };
  by("pause").addEventListener("click", () => {
    paused = !paused;
    by("pause").setAttribute("aria-pressed", String(paused));
    by("pause").textContent = paused ? "Go on" : "Pause";
    state(paused ? "paused" : "live", paused ? "" : "on");
    for (const update of paused ? [] : held.splice(0)) take[update.kind](update);
  });
} else {
  for (const update of told.updates) take[update.kind](update);
  const good = told.verdict === "conformant";
  state(`${told.verdict}: ${told.reason}`, good ? "on" : told.verdict === "nonconformant" ? "off" : "");
  if (told.remarks.length) by("legend").after(...told.remarks.map((remark) => h("p", { class: "soft" }, remark)));
  if (offences.length) select("offences");
}
draw();
