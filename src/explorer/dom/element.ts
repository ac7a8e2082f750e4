type Child = Node | string | number | false | undefined | readonly Child[];

type Value = string | number | boolean | undefined | ((event: never) => void);

/**
 * Returns an element. A function is a listener of the event in its name (`onclick`), true is an attribute without a value, and false or
 * undefined leaves the attribute out.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value as EventListener);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...nodesOf(children));
  return made;
}

/** Puts children in the place of those that an element has. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...nodesOf(children));
}

function nodesOf(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => {
    if (child === false || child === undefined) return [];
    return typeof child === 'object' && !(child instanceof Node) ? nodesOf(child) : [typeof child === 'number' ? String(child) : child];
  });
}

/** Returns the element of the page that has an id. @throws Error if there is none */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found;
}
