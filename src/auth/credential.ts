/** The credential of a caller. */
export type Credential = { readonly value: string; readonly isBearer: boolean };

type Headers = Readonly<Record<string, string[] | undefined>>;

/**
 * Returns the one credential of a request. Returns `missing` if there is none, `unclear` if there are several or its text is empty. Needs
 * the headers with all received values, because Node drops the second of two `Authorization` headers.
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
