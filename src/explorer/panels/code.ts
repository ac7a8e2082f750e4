import { requestValue } from '../code/request-value.ts';
import { snippets } from '../code/snippets.ts';
import { byId, element, fill } from '../dom/element.ts';
import { download } from '../pictures/save.ts';
import { bodyFor } from '../results/body.ts';
import type { Seen } from '../results/seen.ts';
import { hasKey } from '../service/client.ts';
import { fragmentOf, maxLinkLength } from '../state/link.ts';
import { optionsOf } from '../state/request.ts';
import type { State } from '../state/state.ts';
import { copyText, say } from './copy.ts';
import type { PageContext } from './view.ts';

/** Returns the panel with the request as code and as a link. */
export function createCode({ store }: PageContext) {
  let chosen = 'curl';
  let explanation: Seen['explanation'];
  const code = element('pre', { tabindex: 0, role: 'region', 'aria-label': 'The request as code' });
  const choices = Object.entries(snippets).map(([name, { title }]) => {
    const choose = () => {
      chosen = name;
      show(store.state());
    };
    return element(
      'label',
      {},
      element('input', { type: 'radio', name: 'language', value: name, checked: name === chosen, onchange: choose }),
      ` ${title}`,
    );
  });
  const saveRequest = element('button', { type: 'button', onclick: () => save(store.state()) }, 'Save the request');
  fill(
    byId('code-body'),
    element(
      'div',
      { class: 'bar' },
      element('fieldset', { class: 'choices' }, element('legend', { class: 'unseen' }, 'Language'), choices),
      element('button', { type: 'button', id: 'copy-code', onclick: () => copyText(code.textContent ?? '', 'Code copied') }, 'Copy'),
      saveRequest,
      element('button', { type: 'button', id: 'copy-link', onclick: () => copyLink(store.state()) }, 'Copy a link to this'),
    ),
    code,
  );
  const show = (state: State) => {
    const request = requestValue(state);
    saveRequest.hidden = request?.isBinary !== true;
    code.textContent =
      request === undefined
        ? 'The request is not JSON yet.'
        : snippets[chosen].write(request, { origin: location.origin, hasKey: hasKey() }, explanation);
  };
  store.subscribe(show);
  return {
    show(seen: Seen | undefined, state: State) {
      explanation = seen?.explanation;
      show(state);
    },
  };
}

function save(state: State): void {
  const { body } = bodyFor(state, optionsOf(state));
  download(new Blob([body]), 'request.safetensors');
}

/** Puts the state into the address of the page too, so that it can be reloaded. */
async function copyLink(state: State): Promise<void> {
  const fragment = await fragmentOf(state);
  if (fragment === undefined) {
    const why =
      Object.keys(state.attached).length > 0 ? 'A link cannot hold a file' : `Too large for a link of ${maxLinkLength} characters`;
    return say(`${why}: copy the request as code instead`);
  }
  history.replaceState(null, '', fragment);
  await copyText(location.href, `Link copied: ${fragment.length} characters, nothing of which reaches the server`);
}
