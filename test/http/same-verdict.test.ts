import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cases, leftOut } from '../cases.ts';
import { damagedBodies, editedTexts } from './fuzz/damage.ts';
import { formats, jsonMessage, type Message } from './fuzz/formats.ts';
import { listRequests, mutatedLists } from './fuzz/lists.ts';
import { mutated, withWrongOption } from './fuzz/mutations.ts';
import { familyRequests, type Request, requests, type Side, sampleRequests } from './fuzz/request.ts';
import { assertCalm, type Service, services } from './fuzz/service.ts';
import { ofBatch, ofExplanation, ofLine, ofSingle, type ReadVerdict, type Verdict } from './fuzz/verdict.ts';

/** Sends a message, and reads what it came to. */
async function ask({ send }: Service, message: Message, read: ReadVerdict, request: Request, cut?: number): Promise<Verdict> {
  const response = await send(message, cut);
  try {
    return read(response, request);
  } catch (error) {
    const sent = `${message.path} ${JSON.stringify(message.headers)} ${JSON.stringify(message.body.toString('latin1'))}`;
    throw new Error(`${response.status} ${response.body.toString()} for ${sent}`, { cause: error });
  }
}

/** What each format came to, so that a test which draws too little is noticed. */
const seen = new Set<string>();

/** The verdict of every format that can express a request. */
async function verdictsOf(service: Service, request: Request): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for (const [name, { write, read }] of Object.entries(formats)) {
    const message = write(request);
    if (message !== undefined) verdicts.set(name, await ask(service, message, read, request));
  }
  const areLists = request.input?.outcomes !== undefined || request.target?.outcomes !== undefined;
  const what = areLists ? 'lists, ' : request.options.input_kind === 'samples' ? 'samples, ' : '';
  for (const [name, { refused = ['answered'] }] of verdicts) seen.add(`${what}${name}: ${refused[0]}`);
  return verdicts;
}

/** Every verdict is the first one, number by number; `/v2` says nothing of the frame. */
function assertSame(verdicts: ReadonlyMap<string, Verdict>): void {
  const [[first, { frame, ...expected }]] = verdicts;
  for (const [name, { frame: itsFrame = frame, ...verdict }] of verdicts) {
    assert.deepEqual({ ...verdict, frame: itsFrame }, { ...expected, frame }, `${name}, not as ${first}`);
  }
}

/**
 * Every verdict is the first one: number by number where it was computed in the same place, in outline where it was not, since a thread may
 * round otherwise than the event loop.
 */
function assertSamePlaces(loop: ReadonlyMap<string, Verdict>, thread: ReadonlyMap<string, Verdict>): void {
  const stray = [...loop].filter(([name]) => isBatch(name));
  const inLoop = new Map([...loop].filter(([name]) => !isBatch(name)));
  assertSame(inLoop);
  assertSame(new Map([...thread, ...stray.map(([name, verdict]) => [`${name}, by the other service`, verdict] as const)]));
  assert.deepEqual(outlineOf([...thread.values()][0]), outlineOf([...inLoop.values()][0]));
}

/** A batch is computed in a thread whatever its length. */
const isBatch = (name: string) => / batch/.test(name);

/** A verdict without its numbers. */
function outlineOf({ results, warnings, frame, refused }: Verdict): object {
  const shapes = Object.entries(results ?? {}).map(([name, { shape }]) => [name, shape]);
  const found = warnings?.map(({ code, place }) => `${code} ${place}`);
  const members = frame && JSON.parse(JSON.stringify(frame, (name, value) => (name === 'statistics' ? Object.keys(value) : value)));
  return { shapes, found, frame: members, refused };
}

async function assertSameEverywhere(all: Awaited<ReturnType<typeof services>>, request: Request): Promise<void> {
  const [loop, thread] = await Promise.all([verdictsOf(all.loop, request), verdictsOf(all.thread, request)]);
  assertSamePlaces(loop, thread);
}

const path = '/v1/kl-divergence';

/** What takes the JSON of a request, as it is or among others. */
const takers: Readonly<Record<string, readonly [(text: string) => Message, ReadVerdict]>> = {
  alone: [(text) => jsonMessage(path, text), ofSingle],
  explained: [(text) => jsonMessage(`${path}/explain`, text), ofExplanation],
  'as a line': [(text) => jsonMessage(`${path}/batch`, text, 'application/x-ndjson'), ofLine],
  'in a batch': [(text) => jsonMessage(`${path}/batch`, `{"items":[${text}]}`), ofBatch],
};

test('the verdict on a request depends neither on its format nor on where it is computed', async (t) => {
  const all = await services(t);
  const share = cases(t, 1400, 14) / 1400;
  /** Holds a property to random inputs. What fails is told with its seed and path, and is not made smaller, which takes long. */
  const holds = <T>(inputs: fc.Arbitrary<T>, numRuns: number, property: (input: T) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        await property(input);
        await assertCalm(all);
      }),
      { seed: 1, numRuns: Math.ceil(numRuns * share), endOnFailure: true },
    );

  await t.test('random requests: the same numbers and warnings in every format, on the event loop and in a thread', () =>
    holds(requests, 60, (request) => assertSameEverywhere(all, request)),
  );

  await t.test('requests with something wrong: the same faults at the same elements in every format that can express them', () =>
    holds(mutated(requests), 250, (request) => assertSameEverywhere(all, request)),
  );

  await t.test('a tensor of too many axes: the same fault in every format', () =>
    assertSameEverywhere(all, { input: deep, target: deep, options: {} }),
  );

  await t.test('tensors without axes: the same fault in every format', () =>
    assertSameEverywhere(all, { input: scalar, target: scalar, options: {} }),
  );

  await t.test('one divergence by name, or several: the same numbers and warnings in every format, and in the model of that name', () =>
    holds(familyRequests, 60, (request) => assertSameEverywhere(all, request)),
  );

  await t.test('several divergences with something wrong: the same faults in every format that can express them', () =>
    holds(mutated(familyRequests), 150, (request) => assertSameEverywhere(all, request)),
  );

  await t.test('samples: the same bins, numbers and warnings in every format that takes them, alone and for several divergences', () =>
    holds(sampleRequests, 40, async (request) => {
      await assertSameEverywhere(all, request);
      const { reduction: _, ...options } = request.options;
      for (const divergences of [['jeffreys', 'total_variation'], ['jeffreys'], ['total_variation']])
        await assertSameEverywhere(all, { ...request, options: { ...options, divergences } });
    }),
  );

  await t.test('samples with an observation that is none: the same faults at the same places', () =>
    holds(sampleRequests, 30, async ({ options, ...sides }) => {
      for (const odd of [Number.NaN, Number.NEGATIVE_INFINITY, 1e280]) {
        const { shape, data } = sides.target as Side;
        await assertSameEverywhere(all, { ...sides, target: { shape, data: data.with(-1, odd) }, options });
      }
    }),
  );

  await t.test('lists of outcomes: the same numbers, outcomes and warnings in every format that takes them', () =>
    holds(listRequests, 100, (request) => assertSameEverywhere(all, request)),
  );

  await t.test('lists of outcomes with something wrong: the same faults at the same entries', () =>
    holds(mutatedLists, 300, (request) => assertSameEverywhere(all, request)),
  );

  await t.test('every format was answered, and refused for whatever every format can express', { skip: leftOut }, () => {
    const outcomes = [
      'answered',
      'STRICT_WARNINGS',
      'ZERO_MASS',
      'INVALID_VALUE',
      'SHAPE_MISMATCH',
      'EMPTY_TENSOR',
      'SCALAR_TENSOR',
      'DEPTH_LIMIT',
    ];
    const ofLists = ['answered', 'DUPLICATE_OUTCOME', 'UNKNOWN_OUTCOME', 'MASS_ABOVE_ONE'];
    const names = Object.keys(formats);
    const expected = names.flatMap((name) => [
      ...outcomes.map((outcome) => `${name}: ${outcome}`),
      // few samples are numbers that short datatypes hold
      ...(/float32|F(P)?32|F(P)?16|INT8|INT32/.test(name) ? [] : [`samples, ${name}: answered`]),
      // the protocol has no lists, and few lists have numbers that short datatypes hold
      ...(/^\/v2|float32|F32|F16/.test(name) ? [] : ofLists.map((outcome) => `lists, ${name}: ${outcome}`)),
    ]);
    assert.deepEqual(
      expected.filter((one) => !seen.has(one)),
      [],
    );
  });

  await t.test('requests with a wrong option besides what is wrong: the same code in every format', () =>
    holds(withWrongOption(mutated(requests)), 60, async (request) => {
      const verdicts = [...(await verdictsOf(all.loop, request)), ...(await verdictsOf(all.thread, request))];
      const [[, { refused: [code] = [] }]] = verdicts;
      for (const [name, { refused }] of verdicts) assert.equal(refused?.[0], code, name);
    }),
  );

  await t.test('JSON edited anywhere: the same verdict alone, explained, as a line and in a batch', () =>
    holds(editedTexts, 150, async ({ text, cut }) => {
      const verdictsOf = async (service: Service) => {
        const verdicts = new Map<string, Verdict>();
        for (const [name, [message, read]] of Object.entries(takers)) {
          verdicts.set(name, await ask(service, message(text), read, nothing, cut));
        }
        return verdicts;
      };
      const [loop, thread] = await Promise.all([verdictsOf(all.loop), verdictsOf(all.thread)]);
      assertSamePlaces(loop, thread);
    }),
  );

  await t.test('bytes cut off, changed or put in: answered, or refused with a known code, on the event loop as in a thread', () =>
    holds(damagedBodies, 300, async ({ request, message, read, cut }) => {
      const [loop, thread] = await Promise.all(Object.values(all).map((service) => ask(service, message, read, request, cut)));
      assert.deepEqual(outlineOf(thread), outlineOf(loop));
    }),
  );
});

/** A tensor of more axes than there may be, whose number every datatype holds. */
const deep: Side = { shape: Array(33).fill(1), data: [1] };

const scalar: Side = { shape: [], data: [1] };

/** Of a text that was edited, nobody knows what was meant. */
const nothing: Request = { input: undefined, target: undefined, options: {} };
