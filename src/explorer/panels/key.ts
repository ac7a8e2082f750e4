import { byId } from '../dom/element.ts';
import { useKey } from '../service/client.ts';

/** Takes the key that a visitor enters. It is kept in memory and goes with each request; a reload forgets it. */
export function createKey(onKey: () => void) {
  const details = byId('key') as HTMLDetailsElement;
  const field = byId('key-field') as HTMLInputElement;
  byId('key-form').addEventListener('submit', (event) => {
    event.preventDefault();
    useKey(field.value);
    details.open = false;
    onKey();
  });
  // it lies over the examples
  details.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !details.open) return;
    details.open = false;
    details.querySelector('summary')?.focus();
  });
  return {
    /** Opens the field. Where it is open already, nothing takes the focus from what the visitor does. */
    ask() {
      if (details.open) return;
      details.open = true;
      field.focus();
    },
  };
}
