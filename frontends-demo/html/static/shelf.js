// The shelf: documents that were added in this session, and what the tools may choose from.
import { alert, element } from "./elements.js";
import { Tool } from "./tool.js";

export class Shelf extends EventTarget { // event "change": other documents
  #region = document.querySelector("#shelf");
  #files = new Map(); // document id → the upload's file, for previews
  #bar = this.#region.querySelector("progress.upload");
  documents = [];

  constructor(session) {
    super();
    this.session = session;
    this.tool = new Tool(this.#region, session, () => {});
    const input = this.#region.querySelector("input[type=file]");
    input.addEventListener("change", async () => {
      await this.add([...input.files]);
      input.value = ""; // the same file may be chosen again
    });
    this.#region.querySelector(".empty").addEventListener("click", () => this.empty());
    this.#region.addEventListener("dragover", (event) => event.preventDefault());
    this.#region.addEventListener("drop", (event) => {
      event.preventDefault();
      this.add([...event.dataTransfer.files]);
    });
  }

  async add(files) {
    this.tool.said.replaceChildren();
    for (const file of files) {
      const uploaded = await this.#upload(file);
      const card = uploaded && await this.tool.run("shelve", { file: uploaded }, false);
      if (!card) continue;
      this.#files.set(card.id, uploaded);
      this.#show([...this.documents.filter(({ id }) => id !== card.id), card]);
    }
  }

  async empty() {
    const taken = await this.tool.run("empty_shelf", {});
    if (taken !== undefined) this.#show([]);
  }

  async read() { // what the server has, which may be another one than before
    const documents = await this.tool.run("shelf", {});
    if (documents) this.#show(documents);
  }

  async #upload(file) {
    const tell = (done, all) => {
      Object.assign(this.#bar, { max: all, value: done, hidden: false });
      this.#bar.setAttribute("aria-valuenow", done);
      this.#bar.setAttribute("aria-valuemax", all);
    };
    tell(0, Math.max(1, file.size));
    try {
      return await this.session.upload(file, tell);
    } catch (error) {
      this.tool.said.append(alert(`${file.name} was not uploaded`, error.message));
      return null;
    } finally {
      this.#bar.hidden = true;
    }
  }

  #show(documents) {
    this.documents = documents;
    this.#region.querySelector("ul").replaceChildren(...documents.map((card) => this.#item(card)));
    this.#region.querySelector(".nothing").hidden = documents.length > 0;
    this.dispatchEvent(new Event("change"));
  }

  #item(card) {
    const file = this.#files.get(card.id);
    const size = card.kind === "text" ? `${card.words.toLocaleString("en")} words`
      : `${card.width} × ${card.height}`;
    const body = element("div", [
      element("h3", card.name),
      element("p", card.kind === "text" ? card.excerpt : size, { class: "excerpt" }),
    ]);
    const item = element("li", body, { class: card.kind });
    if (card.kind === "text") body.append(element("p", size, { class: "size" }));
    else if (file) {
      const alt = `Preview of ${card.name}`;
      item.prepend(element("img", [], { src: this.session.url(file), alt }));
    }
    return item;
  }
}
