"use strict";
document.documentElement.classList.add("scripted");

const said = document.getElementById("said");

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages opened from a disk may have no clipboard; the older way needs a selected text.
    const code = document.createElement("textarea");
    code.value = text;
    button.append(code);
    code.select();
    document.execCommand("copy");
    code.remove();
  }
  const label = button.firstChild;
  label.textContent = "Copied";
  said.textContent = "Copied";
  setTimeout(() => { label.textContent = "Copy"; said.textContent = ""; }, 1600);
}

const form = document.querySelector("form.filter");
const rows = [...document.querySelectorAll("tr.clause")];
const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

function filter() {
  const { q, profile, level, status } = Object.fromEntries(new FormData(form));
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const group = row.parentElement;
    row.hidden = !(
      (!profile || group.dataset.profile === profile)
      && (!level || row.dataset.level === level)
      && (!status || row.dataset.status === status)
      && words.every((word) => texts.get(row).includes(word))
    );
    shown += !row.hidden;
  }
  for (const group of document.querySelectorAll("table.clauses tbody")) {
    group.hidden = !group.querySelector("tr.clause:not([hidden])");
  }
  form.elements.shown.textContent = `${shown} of ${rows.length}`;
}

function reveal() {
  // A link to something filtered away or folded shows it first.
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.matches("tr.clause") && target.hidden) { form.reset(); filter(); }
  if (target.matches("details")) target.open = true;
  target.scrollIntoView();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (button) copy(button);
  const link = event.target.closest("a.more[data-profile]");
  if (link) { form.reset(); form.elements.profile.value = link.dataset.profile; filter(); }
});
if (form) {
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
}
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => {
  for (const failure of document.querySelectorAll("details.failure, #never details")) failure.open = true;
});
reveal();
