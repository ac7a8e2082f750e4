/** All keys lie in one hash slot of a cluster. */
export const prefix = '{kl-jobs}';

/** Where what became of a job is told: its id and status. */
export const channel = `${prefix}:changed`;

export const shardQueue = (version: string) => `shards-${encodeURIComponent(version)}`;
export const mergeQueue = (version: string) => `merges-${encodeURIComponent(version)}`;

export const clientKey = (client: string) => `${prefix}:client:${client}`;

/** The keys of a job, in the order in which scripts expect them. */
export const jobKeys = (id: string) => ['job', 'partials', 'attempts', 'running'].map((part) => `${prefix}:${part}:${id}`);

/** What BullMQ calls a shard of a run of a job, or its merge. An id may be used anew, a run is not. */
export const bullId = (id: string, run: string, shard?: number) => [id, run, ...(shard === undefined ? [] : [shard])].join('-');

/** The key of a job of BullMQ. The worker that computes it holds the key with `:lock`. */
export const bullKey = (queue: string, bull: string) => `${prefix}:${queue}:${bull}`;
