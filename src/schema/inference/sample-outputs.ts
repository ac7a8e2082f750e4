/** Outputs beside the divergence, by the paths that they have in an answer of `/v1`: of samples, and of what sampling makes of counts. */
export const sampleOutputNames = [
  'bins.edges',
  'bins.counts.input',
  'bins.counts.target',
  'bins.missing.input',
  'bins.missing.target',
  'sampling.input_size',
  'sampling.target_size',
  'sampling.p_value',
  'sampling.expected_by_chance',
  'sampling.chance_bound',
  'sampling.interval.lower',
  'sampling.interval.upper',
] as const;

export type SampleOutputName = (typeof sampleOutputNames)[number];
