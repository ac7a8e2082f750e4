import { axisX, dot, ruleX, ruleY, text } from '@observablehq/plot';
import type { FamilyAnswer } from '../service/answers.ts';
import { colors } from './colors.ts';
import { draw } from './draw.ts';
import { atTick, inShort } from './numbers.ts';

type Member = { readonly name: string; readonly value: number; readonly unit: string };

const units: Readonly<Record<string, string>> = { e: 'nats', 2: 'bits', 10: 'hartleys' };

/** Returns the mean of each divergence over the distributions, the largest first. */
export function membersOf({ divergences }: FamilyAnswer): Member[] {
  return Object.entries(divergences)
    .map(([name, { results, base }]) => ({
      name,
      value: Number(results.distribution_mean ?? Number.NaN),
      unit: base === null ? 'no unit' : (units[String(base)] ?? `base ${base}`),
    }))
    .sort((a, b) => b.value - a.value);
}

/** Returns all divergences on one scale: logarithmic on demand, and then only those above 0. Infinite ones stand at its end. */
export function drawFamily(members: readonly Member[], logarithmic: boolean, width: number): SVGSVGElement {
  const finite = members.map(({ value }) => value).filter((value) => Number.isFinite(value) && (!logarithmic || value > 0));
  const [lowest, highest] = [Math.min(...finite, logarithmic ? 1 : 0), Math.max(...finite, logarithmic ? 1e-12 : 0)];
  const domain = logarithmic ? [Math.min(lowest, highest / 10), highest * 1.2] : [Math.min(0, lowest), highest === 0 ? 1 : highest * 1.05];
  const at = ({ value }: Member) => (Number.isFinite(value) ? Math.max(domain[0], value) : domain[1]);
  const isShown = ({ value }: Member) => !Number.isNaN(value) && (!logarithmic || value > 0);
  return draw('All divergences of the same two sides on one scale', {
    width,
    height: 28 * members.length + 44,
    marginLeft: width < 500 ? 168 : 190,
    marginRight: 120,
    marginTop: 6,
    marginBottom: 36,
    x: { type: logarithmic ? 'log' : 'linear', domain },
    y: { domain: members.map(({ name }) => name), label: null, tickSize: 0 },
    marks: [
      axisX({
        label: 'mean over the distributions',
        labelAnchor: 'center',
        labelArrow: 'none',
        tickSize: 4,
        ticks: logarithmic || width < 500 ? 3 : 6,
        tickFormat: atTick,
        color: colors.faint,
        labelOffset: 32,
      }),
      ruleX([domain[0]], { stroke: colors.line }),
      ruleY(members.filter(isShown), { y: 'name', x1: domain[0], x2: at, stroke: colors.line, strokeWidth: 2 }),
      dot(members.filter(isShown), {
        y: 'name',
        x: at,
        r: 5,
        fill: ({ name }: Member) => (name === 'kl' ? colors.target : name === 'reverse_kl' ? colors.input : colors.ink),
      }),
      text(members, {
        y: 'name',
        x: at,
        text: ({ value, unit }: Member) => `${inShort(value)} ${unit}`,
        textAnchor: 'start',
        dx: 10,
        fill: colors.ink,
        fontSize: 12,
      }),
    ],
    color: { type: 'identity' },
  }).svg;
}
