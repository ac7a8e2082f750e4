import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

type Service = {
  readonly image: string;
  readonly profiles?: string[];
  readonly environment: Record<string, string | null>;
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly networks?: string[];
  readonly command: string[];
  readonly read_only: boolean;
  readonly cap_drop: string[];
  readonly security_opt: string[];
  readonly pids_limit: number;
  readonly mem_limit: string;
  readonly user?: string;
  readonly stop_grace_period: string;
};

/** The compose file, with its anchors followed and its variables as they stand. */
export function compose(): { services: Record<string, Service>; networks: Record<string, { internal?: boolean } | null> } {
  return parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), { merge: true });
}
