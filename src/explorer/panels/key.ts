import { useKey } from '../api/client.ts';
import { byId } from '../dom/element.ts';

/** Takes the key that a visitor enters. It is kept in memory and goes with each request; a reload forgets it. */
export function createKey(onKey: () => void) {
  const details = byId('key') as HTMLDetailsElement;
  const field = byId('key-field') as HTMLInputElement;
  const use = () => {
    useKey(field.value);
    details.open = false;
    onKey();
  };
  byId('key-use').addEventListener('click', use);
  field.addEventListener('keydown', ({ key }) => key === 'Enter' && use());
  return {
    ask() {
      details.open = true;
      field.focus();
    },
  };
}
