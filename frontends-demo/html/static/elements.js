// Small helpers to make elements.

export function element(name, content = [], attributes = {}) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...[content].flat());
  return node;
}

export function alert(title, message, again = null) {
  const node = element("div", title ? [element("strong", title), " "] : [], { role: "alert" });
  node.append(element("span", message));
  if (again) {
    const button = element("button", "Run again", { type: "button" });
    button.addEventListener("click", again);
    node.append(button);
  }
  return node;
}
