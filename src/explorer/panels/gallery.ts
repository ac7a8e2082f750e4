import { byId, element, fill } from '../dom/element.ts';
import { type Example, examples, stateOfExample } from '../state/examples.ts';
import type { PageContext } from './view.ts';

/** Returns the gallery of examples, each with the sentence that says what to see in it. */
export function createGallery({ store }: PageContext) {
  const sentence = byId('sentence');
  const buttons = new Map<string, HTMLButtonElement>();
  const mark = (chosen: Example | undefined) => {
    for (const [name, button] of buttons) button.setAttribute('aria-pressed', String(name === chosen?.name));
    sentence.textContent = chosen?.sentence ?? 'Your own data.';
  };
  return {
    /** Marks the example that a state still is. */
    show() {
      const { texts, options, attached } = store.state();
      const isSame = (example: Example) => {
        const other = stateOfExample(example);
        return JSON.stringify([texts, options]) === JSON.stringify([other.texts, other.options]) && Object.keys(attached).length === 0;
      };
      mark(examples.find(isSame));
    },
    fill() {
      for (const example of examples) {
        buttons.set(
          example.name,
          element(
            'button',
            { type: 'button', 'data-example': example.name, 'aria-pressed': 'false', onclick: () => store.change(stateOfExample(example)) },
            example.title,
          ),
        );
      }
      fill(
        byId('gallery'),
        [...buttons.values()].map((button) => element('li', {}, button)),
      );
      this.show();
    },
  };
}
