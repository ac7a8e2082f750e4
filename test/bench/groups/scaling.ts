import { type Body, binaryBody, jsonBody } from '../bodies.ts';
import { inDigits } from '../digits.ts';
import { compileLargePath, post, timedPost } from '../post.ts';
import { median, medians } from '../rounds.ts';
import { absentRow, atMost, type Row, row } from '../row.ts';
import { type Server, withServers } from '../servers.ts';

/** Elements per tensor. Short requests are repeated, so that each size has its say for about as long. */
const sizes = [
  { elements: 100_000, repeats: 15 },
  { elements: 1_000_000, repeats: 3 },
  { elements: 10_000_000, repeats: 1 },
];

const formats = [
  { work: 'JSON of 2 × 10⁵, 10⁶ and 10⁷ numbers', bodyOf: (elements: number) => jsonBody(elements), rounds: 3 },
  { work: 'safetensors float32 of 2 × 10⁵, 10⁶ and 10⁷ numbers', bodyOf: binaryBody, rounds: 5 },
];

const figure = 'time per number, highest ÷ lowest';
const required = atMost(1.5);
const env = { BODY_LIMIT_BYTES: '536870000', MAX_ELEMENTS: '20000000' };

/** Whether the time per element stays the same from tensors of 1e5 elements to tensors of 1e7. */
export async function scaling(say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const format of formats) {
    say(format.work);
    rows.push(await withServers(['ours'], env, ({ servers: [ours] }) => ofFormat(ours, format, say)));
  }
  return rows;
}

async function ofFormat(ours: Server, { work, bodyOf, rounds }: (typeof formats)[number], say: (line: string) => void): Promise<Row> {
  const place = { group: 'scaling', work };
  const { status } = await post(ours.origin, bodyOf(100));
  if (status === 415) return absentRow(place, figure, 'ours answers 415', required);
  const competitors = sizes.map((size) => ({ ...size, name: size.elements.toExponential(), body: bodyOf(size.elements) }));
  const measure = (size: (typeof competitors)[number]) => nanosecondsPerElement(ours, size);
  await compileLargePath(ours, competitors[0].body);
  const times = await medians({ competitors, warmUps: 1, rounds, measure, say });
  const detail = Object.entries(times).map(([name, time]) => `${name}: ${inDigits(time)} ns`);
  const ratio = Math.max(...Object.values(times)) / Math.min(...Object.values(times));
  return row(place, figure, ratio, required, { unit: 'ns', medians: times, detail: detail.join('; ') });
}

async function nanosecondsPerElement(ours: Server, size: { elements: number; repeats: number; body: Body }): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < size.repeats; repeat++) times.push(await timedPost(ours, size.body));
  return (1e6 * median(times)) / size.elements;
}
