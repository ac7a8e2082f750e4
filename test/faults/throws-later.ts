/** Preloaded into the service: it fails as it is told to, where nobody catches that. */
const failures: Record<string, () => void> = {
  exception: () => {
    throw new Error('an exception that nobody catches');
  },
  rejection: () => {
    Promise.reject(new Error('a rejection that nobody handles'));
  },
};

process.on('message', (how: string) => failures[how]());
