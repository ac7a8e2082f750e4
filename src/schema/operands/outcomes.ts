import { z } from 'zod';
import { element, jsonNumber } from './tensor.ts';

const outcome = z.union([z.string(), z.int().min(-1).max(Number.MAX_SAFE_INTEGER)]).meta({
  id: 'Outcome',
  description: 'An outcome by its name, or its id from 0 on; -1 is padding. All of a request are names, or all are ids.',
});

// as deep as tensors: the schema follows two levels
const rows = <Entry extends z.ZodType>(entry: Entry) => z.array(z.union([entry, z.array(z.union([entry, z.array(z.unknown())]))]));

/** A list of outcomes in a request, as the document shows it. */
export const requestOutcomes = z
  .strictObject({
    outcomes: rows(outcome)
      .min(1)
      .meta({ description: 'One list for each distribution, whose lengths may differ; a single one needs no list around it.' }),
    values: rows(element).min(1).meta({ description: 'A number for each outcome, read as the kind of the operand says.' }),
  })
  .meta({ id: 'OutcomeList', description: 'Outcomes by name or id, and their numbers. "-Infinity" is padding among logarithms.' });

const comparedOutcome = z
  .union([z.string(), z.int(), z.null()])
  .meta({ id: 'ComparedOutcome', description: 'null is the rest, under `"rest": "bucket"`.' });

/** The outcomes that are compared, in a list for each distribution. */
export const comparedOutcomes = rows(comparedOutcome);

/** The terms of lists of outcomes. */
export const listedTerms = z
  .strictObject({ outcomes: comparedOutcomes, values: rows(jsonNumber) })
  .meta({ id: 'ListedTerms', description: 'Every term of lists of outcomes beside its outcome, in lists of the same lengths.' });
