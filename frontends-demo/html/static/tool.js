// A region that runs one endpoint: its status, progress, notes, cancel, and what to say when it fails.
import { Lost } from "./session.js";
import { alert, element } from "./elements.js";

const HEADINGS = { // of refusals that come without a title of their own
  401: "You are not logged in",
  422: "The server refused this call",
  503: "The server is busy",
};

export class Tool {
  // show(data) is called with each value, and with null before the first.
  constructor(region, session, show) {
    this.region = region;
    this.session = session;
    this.show = show;
    this.status = region.querySelector("[role=status]");
    this.bar = region.querySelector("progress.running");
    this.said = region.querySelector(".said");
    this.cancel = region.querySelector(".cancel");
    this.start = region.querySelector("[type=submit]");
    this.cancel?.addEventListener("click", () => this.stop());
    this.joined = null;
  }

  // Resolves with the result, or with undefined when there is none, which has been told then.
  async run(endpoint, named, forgetting = true) {
    if (forgetting) this.said.replaceChildren();
    this.show(null);
    this.#goes("Waiting");
    this.again = () => { this.start?.focus(); this.run(endpoint, named); }; // the button will be gone
    return new Promise((resolve) => {
      const over = (state, value) => { this.#ends(state); resolve(value); };
      const fail = (error) => { over(error instanceof Lost ? "Lost" : "Failed"); this.#tell(error); };
      const tell = {
        queued: ({ rank, queue_size: size, rank_eta: eta }) => this.#goes(
          `Waiting: place ${rank + 1} of ${size}${eta ? `, about ${Math.ceil(eta)} s` : ""}`),
        started: () => this.#goes("Running"),
        progress: (units) => { this.#goes("Running"); this.#advance(units[0]); },
        log: ({ log }) => this.said.append(element("p", log, { role: "note" })),
        data: (data) => { this.#goes("Running"); this.show(data[0]); },
        done: (data) => { this.show(data[0]); over("Done", data[0]); },
        cancelled: () => over("Cancelled"),
        failed: ({ title, error }) => fail({ title, message: error ?? "It did not work." }),
        lost: () => fail(new Lost()),
      };
      this.joined = this.session.submit(endpoint, named, (kind, detail) => tell[kind](detail));
      this.joined.catch(fail);
    });
  }

  stop() { // the end of the event tells whether it was cancelled, not this answer: CLIENT-028
    this.joined?.then((job) => job.cancel().catch((error) => this.#tell(error)), () => {});
  }

  #goes(state) {
    this.#say(state);
    this.start?.setAttribute("aria-disabled", "true");
    if (this.cancel) this.cancel.hidden = false;
  }

  #ends(state) {
    this.#say(state);
    this.joined = null;
    this.start?.removeAttribute("aria-disabled");
    if (this.cancel) {
      if (document.activeElement === this.cancel) this.start.focus(); // focus is never lost
      this.cancel.hidden = this.bar.hidden = true;
    }
  }

  #say(state) {
    if (!this.status) return;
    this.region.dataset.state = state.split(":")[0].toLowerCase();
    if (this.status.textContent !== state) this.status.textContent = state; // announced once
  }

  #advance({ index, length, progress }) {
    if (!this.bar) return;
    const [value, max] = progress === null ? [index, length] : [progress, 1];
    this.bar.hidden = !max;
    if (!max) return;
    Object.assign(this.bar, { max, value });
    this.bar.setAttribute("aria-valuenow", value);
    this.bar.setAttribute("aria-valuemax", max);
  }

  #tell(error) {
    const lost = error instanceof Lost;
    const title = error.title ?? HEADINGS[error.status] ?? (error.status ? "The server failed" : "");
    const message = lost ? "The connection was lost." : error.message;
    this.said.append(alert(title, message, lost || error.status === 503 ? this.again : null));
  }
}
