import { element, fill } from '../dom/element.ts';
import { download, pngFile, svgFile } from '../pictures/save.ts';
import { copyText } from './copy.ts';

/** A picture with what can be done with it. */
type Figure = {
  readonly dom: HTMLElement;
  /** Draws anew, in the width that there is; the numbers are what is copied, as rows and columns. */
  readonly show: (draw: (width: number) => SVGSVGElement, caption: string, numbers: () => string) => void;
};

/** Returns a place for a picture that can be saved as SVG or PNG, and whose numbers can be copied. `file` is the name of what is saved. */
export function createFigure(file: string, widest = 760): Figure {
  const place = element('div', { class: 'drawing' });
  const caption = element('figcaption');
  let drawing: ((width: number) => SVGSVGElement) | undefined;
  let numbers = () => '';
  const picture = () => place.querySelector('svg');
  const redraw = () => {
    if (drawing !== undefined && place.clientWidth > 0) fill(place, drawing(Math.min(widest, place.clientWidth)));
  };
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    redraw();
  }).observe(place);
  const save = (make: (svg: SVGSVGElement) => Blob | Promise<Blob>, ending: string) => async () => {
    const svg = picture();
    if (svg !== null) download(await make(svg), `${file}.${ending}`);
  };
  const actions = element(
    'div',
    { class: 'actions' },
    element('button', { type: 'button', onclick: () => copyText(numbers(), 'Numbers copied') }, 'Copy numbers'),
    element('button', { type: 'button', onclick: save((svg) => new Blob([svgFile(svg)], { type: 'image/svg+xml' }), 'svg') }, 'SVG'),
    element('button', { type: 'button', onclick: save(pngFile, 'png') }, 'PNG'),
  );
  return {
    dom: element('figure', {}, place, caption, actions),
    show(draw, words, rows) {
      drawing = draw;
      numbers = rows;
      fill(caption, words);
      redraw();
    },
  };
}
