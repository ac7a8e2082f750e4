import { checkListed, type Member, type OutcomeList, paddingId } from '../../core/outcomes/outcome-list.ts';
import { faultList, refuseEach } from '../../errors/fault-list.ts';
import { type Fault, refuse } from '../../errors/request-error.ts';
import { appendPointer, describeValue, isObject, quote } from '../../errors/wording.ts';
import { float64s } from '../../memory/small-arrays.ts';
import { unravel } from '../../tensor/tensor.ts';
import type { SentOperand } from '../operands.ts';
import { checkLengths, rowsOf, type ScannedNumbers, type SentRows } from '../sent-rows.ts';
import type { TensorRules } from '../tensor-rules.ts';
import { decodeTensor } from './decode-tensor.ts';
import { readElements } from './read-elements.ts';

/**
 * Reads an operand from parsed JSON: a tensor, or a list of outcomes.
 * @param scanned the numbers that were read straight from the bytes: of a tensor, or of a member, as `.values`
 * @throws RequestError the faults of `decodeTensor` or `decodeList`
 */
export function decodeOperand(
  value: unknown,
  pointer: string,
  rules: TensorRules,
  scanned: (key: '' | `.${Member}`) => ScannedNumbers | undefined = () => undefined,
): SentOperand {
  if (isListOfOutcomes(value)) return decodeList(value, pointer, rules, (member) => scanned(`.${member}`));
  return decodeTensor(value, pointer, rules, scanned('')?.tensor);
}

/** Whether a value is meant as a list of outcomes. */
function isListOfOutcomes(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && Object.hasOwn(value, 'outcomes');
}

const members: readonly Member[] = ['outcomes', 'values'];

/**
 * Reads `{outcomes, values}` from parsed JSON: two lists of one length, or lists of such lists, whose lengths may differ. Entries of rows
 * that are not read may be anything.
 * @param scanned the numbers of a member, where they were read straight from the bytes; an empty list stands in their place
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE, EMPTY_TENSOR, RAGGED_TENSOR, DATA_LENGTH_MISMATCH, TOO_MANY_ELEMENTS, or the faults of
 * the numbers
 */
function decodeList(
  value: Readonly<Record<string, unknown>>,
  pointer: string,
  { domain, unreadRows, maxElements }: TensorRules,
  scanned: (member: Member) => ScannedNumbers | undefined,
): OutcomeList {
  const unknown = Object.keys(value).filter((key) => !(members as readonly string[]).includes(key));
  refuseEach(unknown, (key) => unknownMember(key, pointer));
  const [outcomes, values] = members.map((member) => rowsOf(value[member], `${pointer}/${member}`, scanned(member)));
  checkLengths(outcomes, values, pointer);
  const { shape, starts } = outcomes;
  const count = starts[starts.length - 1];
  checkListed(Math.max(count, starts.length - 1), maxElements, `${pointer}/outcomes`);
  if (count === 0)
    throw refuse(
      'EMPTY_TENSOR',
      `${pointer}/outcomes`,
      shape.length === 0 ? 'no outcome is listed: send at least one' : 'no outcome is listed: at least one list must have one',
    );
  const isUnread = unreadRows?.(shape) ?? (() => false);
  const placeOf: OutcomeList['placeOf'] = (member, d, k) => {
    const index = d === undefined ? [] : [...unravel(d, shape), ...(k === undefined ? [] : [k])];
    return { pointer: index.reduce(appendPointer, `${pointer}/${member}`), where: '' };
  };
  const place = (member: Member) => (d: number, k: number) => placeOf(member, d, k).pointer;
  return {
    shape,
    starts,
    ...readOutcomes(outcomes, isUnread, place('outcomes')),
    values: readValues(values, domain, isUnread, place('values')),
    placeOf,
  };
}

type PointerOf = (d: number, k: number) => string;

/** Names, or ids: what the first outcome is that is read. Those that are not read are padding. */
function readOutcomes(rows: SentRows, isUnread: (d: number) => boolean, pointer: PointerOf): Pick<OutcomeList, 'ids' | 'names'> {
  const { starts, lists, numbers } = rows;
  if (rows.names !== undefined) return { names: rows.names };
  if (numbers !== undefined && (rows.areIntegers || areIds(numbers))) return { ids: numbers };
  const faults = faultList();
  const first = firstOutcome(lists, isUnread);
  const areNames = typeof first === 'string';
  const expected = areNames || lists === undefined || isId(first) ? areNames : undefined;
  const isRight = areNames ? (outcome: unknown) => typeof outcome === 'string' : isId;
  const names: string[] = [];
  const ids = numbers ?? float64s(areNames ? 0 : starts[starts.length - 1]);
  const into: { [at: number]: unknown } = areNames ? names : ids;
  for (let d = 0; d < starts.length - 1; d++) {
    const isSkipped = isUnread(d);
    const list = lists?.[d] ?? ids.subarray(starts[d], starts[d + 1]);
    for (let k = 0; k < list.length; k++) {
      if (!isSkipped && isRight(list[k])) {
        into[starts[d] + k] = list[k];
        continue;
      }
      if (!isSkipped) faults.add(() => outcomeFault(list[k], expected, pointer(d, k)));
      into[starts[d] + k] = areNames ? '' : paddingId;
    }
  }
  faults.throwIfAny();
  return areNames ? { names } : { ids };
}

/** The first outcome that is read; where none is, the first of the others, which tells whether they are names. */
function firstOutcome(lists: SentRows['lists'] = [], isUnread: (d: number) => boolean): unknown {
  const filled = lists.filter((list) => list.length > 0);
  return (lists.find((list, d) => list.length > 0 && !isUnread(d)) ?? filled[0])?.[0];
}

/** Whether numbers are all ids, which those of rows that are not read need not be. */
function areIds(numbers: Float64Array): boolean {
  for (let at = 0; at < numbers.length; at++)
    if (!(numbers[at] >= paddingId && Math.floor(numbers[at]) === numbers[at] && numbers[at] <= Number.MAX_SAFE_INTEGER)) return false;
  return true;
}

function isId(outcome: unknown): boolean {
  return typeof outcome === 'number' && Number.isSafeInteger(outcome) && outcome >= paddingId;
}

/** @param areNames what the first outcome is; undefined where it is neither */
function outcomeFault(outcome: unknown, areNames: boolean | undefined, pointer: string): Fault {
  const id = 'an id, an integer from 0 to 2^53 - 1, or -1 for padding';
  const expected = areNames === undefined ? `a name, or ${id}` : `${areNames ? 'a name' : id}, as the first outcome is`;
  return { pointer, code: 'INVALID_VALUE', detail: `expected ${expected}, got ${describeValue(outcome)}` };
}

function readValues(
  { starts, lists, numbers }: SentRows,
  domain: TensorRules['domain'],
  isUnread: (d: number) => boolean,
  pointer: PointerOf,
): Float64Array {
  if (lists === undefined) return numbers;
  const data = float64s(starts[starts.length - 1]);
  const { add, throwIfAny } = faultList();
  const faults = { add, throwIfAny, addElement: (_: number, fault: () => Fault) => add(fault) };
  for (const [d, list] of lists.entries()) {
    if (!isUnread(d)) readElements(list, data, starts[d], domain, faults, (k) => pointer(d, k));
  }
  throwIfAny();
  return data;
}

function unknownMember(key: string, pointer: string): Fault {
  const detail = `a list of outcomes has no ${quote(key)}: its members are outcomes and values`;
  return { pointer: appendPointer(pointer, key), code: 'UNKNOWN_FIELD', detail };
}
