import { render } from "preact";
import { App } from "./App";
import { Hub } from "./hub";
import "./style.css";

// ?backends=URL,URL#NAME,… (the # as %23), or ?server=URL as all pages of Desk; else this server.
const query = new URLSearchParams(location.search);
const given = query.get("backends") ?? query.get("server") ?? new URL(".", location.href).href;
const hub = new Hub();
for (const url of given.split(",").filter(Boolean)) hub.addByUrl(url);

// Once backends were added or removed, the address can be kept as a bookmark.
const shown = () => hub.backends.map(({ url, name }) => (name === new URL(url).host ? url : `${url}#${name}`)).join();
let told = shown();
hub.subscribe(() => {
  if (shown() === told) return;
  told = shown();
  history.replaceState(null, "", `?${new URLSearchParams({ backends: told })}`);
});

const root = document.getElementById("page");
if (root) render(<App hub={hub} />, root);
