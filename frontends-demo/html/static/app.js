// The page: each tool is one endpoint, with its own button, status line and result.
import { Session } from "./session.js";

const opened = Session.open();

const show = {
  readability: ([{ words, sentences, ease, grade, hardest }]) => [
    table({ Words: words, Sentences: sentences, "Reading ease": `${ease} (${grade})` }),
    list("Hardest sentences", hardest.map((one) => [one.ease, one.text])),
  ],
  repetitions: ([pairs]) => [
    list(pairs.length ? "Most alike" : "No sentence is like another.",
      pairs.map((pair) => [`${Math.round(pair.alike * 100)} %`, pair.first, pair.second])),
  ],
};

for (const tool of document.querySelectorAll(".tool")) {
  const [start, cancel, status, bar, result] =
    [".start", ".cancel", ".status", "progress", ".result"].map((name) => tool.querySelector(name));
  let job = null;

  const say = (state, text) => { tool.dataset.state = state; status.textContent = text; };
  const over = (state, text) => {
    say(state, text);
    job = null;
    start.disabled = false;
    cancel.disabled = bar.hidden = true;
  };
  const tell = {
    queued: ({ rank, rank_eta: eta }) =>
      say("queued", `${rank ? `Waiting, ${rank} before you` : "Waiting, you are next"}` +
        `${eta ? `, about ${Math.ceil(eta)} s` : ""}.`),
    started: () => say("running", "Working…"),
    progress: ([{ index, length, unit }]) => {
      bar.hidden = false;
      Object.assign(bar, { max: length, value: index });
      say("running", `${index} of ${length} ${unit}`);
    },
    data: (data) => result.replaceChildren(...show[tool.dataset.endpoint](data)),
    log: ({ log }) => result.before(element("p", log, "note")),
    done: (data) => { tell.data(data); over("done", "Done."); },
    cancelled: () => over("cancelled", "Cancelled."),
    failed: ({ title, error }) => over("failed", `${title ?? "Error"}: ${error ?? "it did not work."}`),
  };

  start.addEventListener("click", async () => {
    for (const note of tool.querySelectorAll(".note")) note.remove();
    result.replaceChildren();
    start.disabled = true;
    say("sent", "Sent.");
    try {
      const text = document.querySelector("#text").value;
      const joined = await (await opened).submit(
        tool.dataset.endpoint, [text], (kind, detail) => tell[kind](detail));
      if (start.disabled) [job, cancel.disabled] = [joined, false]; // it may be over already
    } catch (error) {
      over("failed", `Error: ${error.message}`);
    }
  });
  cancel.addEventListener("click", () => job.cancel().catch((error) => tell.failed({ error: error.message })));
}

function element(name, content, className = "") {
  const node = Object.assign(document.createElement(name), { className });
  node.append(...[content].flat());
  return node;
}

function table(values) {
  const pairs = Object.entries(values);
  return element("dl", pairs.map(([name, value]) => element("div", [element("dt", name), element("dd", `${value}`)])));
}

function list(title, rows) {
  const items = rows.map(([mark, ...texts]) =>
    element("li", [element("b", `${mark}`), element("span", texts.map((text) => element("q", text)))]));
  return element("div", [element("h3", title), element("ol", items)]);
}
