import type { Finding, Warning, WarningContext } from './warning.ts';

/** A warning names this many fields, and counts all of them. */
export const namedFields = 10;

/** Warnings about the options and fields of a request. */
export const requestWarnings = {
  IGNORED_PARAMETER: {
    severity: 'info',
    when: 'a request under `/v2` has parameters or fields that mean nothing here',
    find: ignoredParameters,
  },
  MIXED_ROUNDING: {
    severity: 'info',
    when: 'parts of a job were computed by machines that round products differently, so that last digits depend on which machine computed what',
    find: mixedRounding,
  },
  SOURCE_NOT_PINNED: {
    severity: 'info',
    when: 'a file of a job has neither a strong ETag nor a version, so that a change while the job runs could go unseen',
    find: unpinnedSources,
  },
} as const satisfies Record<string, Warning>;

function ignoredParameters({ ignored }: Pick<WarningContext, 'ignored'>): Finding[] {
  if (ignored.length === 0) return [];
  const named = ignored.slice(0, namedFields);
  const more = ignored.length > named.length ? `, and ${ignored.length - named.length} more` : '';
  const list = named.map(({ pointer, hint }) => (hint === undefined ? pointer : `${pointer} (${hint})`)).join(', ');
  return [
    {
      pointer: named[0].pointer,
      message: `Ignored, because it means nothing here: ${list}${more}. The answer is what it would be without.`,
      details: { pointers: named.map(({ pointer }) => pointer), count: ignored.length },
    },
  ];
}

function mixedRounding({ roundings = [] }: Pick<WarningContext, 'roundings'>): Finding[] {
  if (roundings.length < 2) return [];
  return [
    {
      pointer: '#',
      message:
        'The machines that have computed this job round products differently, so the last digits of the divergences depend on which of them computed which. ' +
        'Let workers of one kind run jobs if answers are to be equal to the last bit.',
      details: { roundings },
    },
  ];
}

function unpinnedSources({ unpinned = [] }: Pick<WarningContext, 'unpinned'>): Finding[] {
  return unpinned.map((name) => ({
    pointer: `#/${name}`,
    message:
      'The server of these files tells neither a strong ETag nor a version, so a file that was overwritten with one of the same size within a second would not be noticed. ' +
      'Do not change the files while the job runs, or serve them with strong ETags.',
    details: {},
  }));
}
