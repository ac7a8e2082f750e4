import type { ByteTensor } from '../tensors/dtype.ts';

/** A tensor of a file that is too large for an editor. */
export type Attached = {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, ByteTensor>;
  readonly chosen: string;
  readonly slice: string;
};

export type SideName = 'input' | 'target';

export const sideNames: readonly SideName[] = ['input', 'target'];

/** Everything that the page shows follows from this, and from what the service answers. */
export type State = {
  readonly texts: Readonly<Record<SideName | 'weights', string>>;
  readonly attached: Readonly<Partial<Record<SideName, Attached>>>;
  /** The options of the request by their fields; those that are left out are missing. */
  readonly options: Readonly<Record<string, string>>;
  /** The reduction whose divisor is shown in the grid. */
  readonly shown: string;
  /** The distribution whose outcomes are shown, counted row-major. */
  readonly distribution: number;
  readonly sorted: boolean;
  readonly logarithmic: boolean;
};

export const emptyState: State = {
  texts: { input: '', target: '', weights: '' },
  attached: {},
  options: {},
  shown: 'batchmean',
  distribution: 0,
  sorted: false,
  logarithmic: false,
};

/** The state, and who wants to know when it changes. */
export type Store = {
  readonly state: () => State;
  readonly change: (part: Partial<State>) => void;
  readonly subscribe: (listener: (state: State, before: State) => void) => void;
};

export function createStore(initial: State): Store {
  let state = initial;
  const listeners: ((state: State, before: State) => void)[] = [];
  return {
    state: () => state,
    change(part) {
      const before = state;
      state = { ...state, ...part };
      for (const listener of listeners) listener(state, before);
    },
    subscribe: (listener) => void listeners.push(listener),
  };
}
