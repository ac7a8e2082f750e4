/** What a caller shows to say who it is. */
export type Credential = { readonly value: string; readonly isBearer: boolean };

type Headers = Readonly<Record<string, string[] | undefined>>;

/**
 * The one credential of a request: `missing` where there is none, `unclear` where there is more than one, or no text of one. Takes headers
 * with every value that came, because of two `Authorization` headers Node only shows the first.
 */
export function credentialOf(headers: Headers): Credential | 'missing' | 'unclear' {
  const { authorization = [], 'x-api-key': keys = [] } = headers;
  if (authorization.length + keys.length === 0) return 'missing';
  if (authorization.length > 1 || keys.length > 1) return 'unclear';
  const bearer = authorization.map((value) => /^Bearer +([\x21-\x7e]+)$/i.exec(value)?.[1]);
  const [value, other = value] = [...bearer, ...keys];
  if (value === undefined || value === '' || value !== other) return 'unclear';
  return { value, isBearer: bearer.length > 0 };
}
