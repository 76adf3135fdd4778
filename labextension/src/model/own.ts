/**
 * What a mapping has itself under a name.
 *
 * Names are the user's: a metric may be called `constructor`, which every object seems to have.
 */
export function own<T>(mapping: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined {
  return mapping && Object.prototype.hasOwnProperty.call(mapping, name) ? mapping[name] : undefined;
}
