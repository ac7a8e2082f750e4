import type { Seen } from '../results/seen.ts';
import type { Info } from '../service/answers.ts';
import type { State, Store } from '../state/state.ts';

/** A part of the page that shows an answer. */
export type Panel = {
  /** Shows what has been answered to a state. */
  readonly show: (seen: Seen, state: State) => void;
};

/** What every part of the page may need. */
export type PageContext = { readonly store: Store; readonly info: () => Info | undefined };
