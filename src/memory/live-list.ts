/** What may stand in a list: it knows its place there. */
export type Listed = { place?: number | undefined };

/**
 * What is there for as long as some request is, in no order. Not a Map or Set: V8 links every table that one of them outgrows to the next,
 * so that a table which has become old keeps all that stood in the later ones until the next full collection.
 */
type LiveList<Item extends Listed> = {
  readonly all: readonly Item[];
  /** Adds an item; one that is there already stays. */
  readonly add: (item: Item) => void;
  /** Removes an item, if it is there. */
  readonly remove: (item: Item) => void;
};

export function createLiveList<Item extends Listed>(): LiveList<Item> {
  const all: Item[] = [];

  function add(item: Item): void {
    if (item.place !== undefined) return;
    item.place = all.length;
    all.push(item);
  }
  function remove(item: Item): void {
    const { place } = item;
    if (place === undefined) return;
    item.place = undefined;
    const last = all.pop() as Item;
    if (last === item) return;
    all[place] = last;
    last.place = place;
  }
  return { all, add, remove };
}
