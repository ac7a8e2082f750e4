import { element } from './element.ts';

/** Returns a control with its label and a hint beside it. The control has this id, and is described by `${id}-hint`. */
export function labelledLine(id: string, label: string, hint: string, control: HTMLElement): HTMLElement {
  const words = element('span', {}, element('label', { for: id }, label), ' ', element('span', { class: 'hint', id: `${id}-hint` }, hint));
  return element('div', { class: 'line' }, words, control);
}
