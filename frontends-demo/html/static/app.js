// The page: log-in, connection, the shelf and the three tools.
import { element } from "./elements.js";
import { Session } from "./session.js";
import { Shelf } from "./shelf.js";
import { Tool } from "./tool.js";

const $ = (selector) => document.querySelector(selector);
const session = new Session(new URLSearchParams(location.search).get("server") ?? "");
const shelf = new Shelf(session);

// --- connection and log-in ------------------------------------------------------------------------

session.addEventListener("connection", ({ detail }) => {
  connection(detail);
  if (detail === "connected") enter(); // the server may be another one: what is on its shelf?
});

function connection(state) {
  const text = state === "lost" ? "Connection lost" : "Connected";
  $("#connection").dataset.state = state;
  if ($("#connection").textContent !== text) $("#connection").textContent = text;
  if (state === "login") {
    $("main").hidden = $("#user").hidden = true;
    $("#login").hidden = false;
  }
}

async function enter() {
  $("#login").hidden = true;
  $("main").hidden = false;
  $("#user").hidden = !session.username;
  $("#user span").textContent = `Logged in as ${session.username}`;
  await shelf.read();
}

$("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { username, password } = event.target.elements;
  const said = $("#login .said");
  said.replaceChildren();
  try {
    await session.login(username.value, password.value);
    event.target.reset();
    connection("connected");
    await enter();
    $("h1").focus();
  } catch (error) {
    const wrong = error.status >= 400 && error.status < 500;
    const text = wrong ? "The name or the password is not right." : error.message;
    said.replaceChildren(element("div", text, { role: "alert" }));
  }
});

$("#user button").addEventListener("click", async () => {
  await session.logout();
  location.reload(); // nothing of this user is left in the page
});

// --- the tools ------------------------------------------------------------------------------------

function tool(id, endpoint, read, show) {
  const region = $(id);
  const form = region.querySelector("form");
  const made = new Tool(region, session, show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!made.start.hasAttribute("aria-disabled")) made.run(endpoint, read(form.elements));
  });
}

tool("#write", "write_on",
  ({ text, beginning, words }) =>
    ({ document: text.value, beginning: beginning.value, words: words.valueAsNumber }),
  (text) => { $("#write .written").textContent = text ?? ""; });

tool("#search", "search",
  ({ question }) => ({ question: question.value }),
  (passages) => {
    $("#search ol").replaceChildren(...(passages ?? []).map(({ document, text }) =>
      element("li", [element("cite", document), element("p", text)])));
    $("#search .nothing").hidden = passages?.length !== 0;
  });

tool("#poster", "poster",
  ({ picture, colours }) => ({ picture: picture.value, colours: colours.valueAsNumber }),
  (value) => {
    const [file, palette] = value ?? [null, []];
    const image = $("#poster img");
    image.hidden = $("#poster .download").hidden = !file;
    if (file) image.src = $("#poster .download").href = session.url(file);
    $("#poster .download").download = file?.orig_name ?? "";
    $("#poster ol").replaceChildren(...palette.map((code) =>
      element("li", [element("i", [], { style: `background: ${code}` }), code])));
  });

shelf.addEventListener("change", () => {
  for (const [selector, kind] of [["#write select", "text"], ["#poster select", "picture"]]) {
    const select = $(selector);
    const chosen = select.value;
    const documents = shelf.documents.filter((document) => document.kind === kind);
    select.replaceChildren(...documents.map(({ id, name }) => element("option", name, { value: id })));
    if (documents.some(({ id }) => id === chosen)) select.value = chosen;
    else if (documents.length > 0) select.value = documents.at(-1).id;
  }
});

session.open().then(() => { connection("connected"); return enter(); }, () => {});
