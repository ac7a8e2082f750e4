/** What the operator says of sources. */
export type SourceSettings = {
  /** Prefixes of what may be read, and of where results may be written; each passes `isSourcePrefix`. */
  readonly prefixes: readonly string[];
  readonly outputs: readonly string[];
  /** Networks, such as 10.0.0.0/8, that may be connected to although they are not public. */
  readonly privateNetworks: readonly string[];
  /** The one store that s3: leads to. */
  readonly s3?: S3Settings | undefined;
  readonly limits: SourceLimits;
};

/** A store, and the credentials of the service. @property endpoint an origin: `https://s3.eu-central-1.amazonaws.com` */
export type S3Settings = {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

/**
 * How long one try may take, to the headers of an answer and to its last byte; the pause before the second try, which doubles; and how long
 * a server may ask to wait.
 */
export type SourceLimits = { readonly headersMs: number; readonly answerMs: number; readonly pauseMs: number; readonly waitMs: number };

export const defaultLimits: SourceLimits = { headersMs: 10_000, answerMs: 60_000, pauseMs: 250, waitMs: 20_000 };
