/** Problems of lists of outcomes. */
export const outcomeProblems = {
  DUPLICATE_OUTCOME: {
    status: 422,
    title: 'Outcome that is listed twice',
    remedy: 'List each outcome once. Add up the masses of outcomes that have one name, or list ids.',
  },
  UNKNOWN_OUTCOME: {
    status: 422,
    title: 'Outcome that the other side does not have',
    remedy: 'Beside a tensor an outcome is its index along dim, from 0 on. Send both sides as lists where they have different outcomes.',
  },
  MASS_ABOVE_ONE: {
    status: 422,
    title: 'List of outcomes with more mass than 1',
    remedy:
      'Under "rest": "bucket" the masses of a list are a part of a whole that is 1. Send probabilities of the whole distribution, or leave rest out.',
  },
} as const;
