import { byId, element, fill } from '../dom/element.ts';
import { drawFamily, membersOf } from '../pictures/family.ts';
import { isWeighted } from '../state/request.ts';
import { note } from './equation-list.ts';
import { createFigure } from './figure.ts';
import type { PageContext, Panel } from './view.ts';

/** Returns the panel that shows all divergences of the same two sides on one scale. */
export function createFamily({ info }: PageContext): Panel {
  const figure = createFigure('family');
  const box = element('input', { type: 'checkbox', onchange: () => redraw() });
  const notes = element('div');
  const names = element('dl', { class: 'glossary' });
  fill(
    byId('family-body'),
    element('div', { class: 'bar' }, element('label', {}, box, ' log scale')),
    figure.dom,
    notes,
    element('details', {}, element('summary', {}, 'What they are, and what they are called elsewhere'), names),
  );
  let redraw = () => {};
  let isTouched = false;
  box.addEventListener('change', () => {
    isTouched = true;
  });
  return {
    show({ family, answer }, state) {
      byId('family').hidden = family === undefined;
      if (family === undefined) return;
      const members = membersOf(family);
      redraw = () =>
        figure.show(
          (width) => drawFamily(members, box.checked, width),
          `Each is the ${isWeighted(state) ? 'weighted ' : ''}mean over the distributions. Divergences without a unit have no logarithm.`,
          () => members.map(({ name, value, unit }) => `${name}\t${value}\t${unit}`).join('\n'),
        );
      if (!isTouched) box.checked = areFarApart(members.map(({ value }) => value));
      redraw();
      // of what is said of KL too, the other panels say it
      const said = new Set(answer.warnings.map(({ code }) => code));
      fill(notes, family.warnings.filter(({ code }) => !said.has(code)).map(note));
      fill(
        names,
        members.map(({ name }) => {
          const known = info()?.divergences.find((one) => one.name === name.split(':', 1)[0]);
          return known === undefined
            ? []
            : [element('dt', {}, name), element('dd', {}, `${known.formula}. Elsewhere: ${known.also_called.replaceAll('`', '')}.`)];
        }),
      );
    },
  };
}

/** Whether the smallest would be one point on the scale of the largest. */
export function areFarApart(values: readonly number[]): boolean {
  const above = values.filter((value) => value > 0 && Number.isFinite(value));
  return above.length === values.length && Math.max(...above) > 30 * Math.min(...above);
}
