import { nearest } from './schema/nearest.ts';

/** A variable that is no setting, and the setting whose name it nearly has. */
export type MisspeltSetting = { readonly variable: string; readonly meant: string };

const unit = /_(MS|S|SECS?|SECONDS|MINUTES|BYTES|[KMG]I?B)$/i;

/**
 * Returns the variables that nearly have the name of a setting: another unit or none at its end, or a slip or two. A setting that is set
 * itself is not meant. Short names are near to too many: HOST and PORTS, JOB and JOBS.
 * @param settings the names of all settings
 */
export function misspeltSettings(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly string[],
): readonly MisspeltSetting[] {
  const byStem = new Map(settings.map((name) => [name.replace(unit, ''), name]));
  return Object.keys(env).flatMap((variable) => {
    if (settings.includes(variable)) return [];
    const stem = nearest(variable.replace(unit, ''), [...byStem.keys()], (length) => Math.min(2, Math.floor(length / 5)));
    const meant = stem === undefined ? undefined : byStem.get(stem);
    return meant === undefined || env[meant] !== undefined ? [] : [{ variable, meant }];
  });
}
