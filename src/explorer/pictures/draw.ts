import { type PlotOptions, plot } from '@observablehq/plot';

/** A picture, and where a value of its scale x or y stands in it, in pixels. */
type Picture = { readonly svg: SVGSVGElement; readonly x: (value: number) => number; readonly y: (value: number) => number };

/** Returns a picture that is named for those who do not see it. */
export function draw(name: string, options: PlotOptions): Picture {
  const drawn = plot({ ...options, ariaLabel: name }) as ReturnType<typeof plot> & SVGSVGElement;
  // the policy of the page lets no picture bring styles of its own: they stand in styles/pictures.css
  for (const style of drawn.querySelectorAll('style')) style.remove();
  // a picture has one name; its groups are no parts that could have names
  for (const group of drawn.querySelectorAll('[aria-label]')) {
    group.setAttribute('data-part', group.getAttribute('aria-label') ?? '');
    group.removeAttribute('aria-label');
  }
  drawn.setAttribute('class', 'picture');
  drawn.setAttribute('role', 'img');
  const [x, y] = (['x', 'y'] as const).map((axis) => drawn.scale(axis));
  return { svg: drawn, x: (value) => Number(x?.apply(value)), y: (value) => Number(y?.apply(value)) };
}

const namespace = 'http://www.w3.org/2000/svg';

/** Returns an SVG element with its attributes and children. */
export function svgElement(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (Node | string)[]
): SVGElement {
  const made = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}
