/**
 * Whether a Redis answered that it only reads. After a failover a connection may still lead to the server that was the first one: the name
 * leads to another by now, and Redis itself closes none of them.
 */
export const isReadOnly = ({ message }: Error): boolean => message.includes('READONLY');
